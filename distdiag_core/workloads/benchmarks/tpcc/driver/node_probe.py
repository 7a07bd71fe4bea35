"""The probe of nodes that were unreachable when a run began, and whose warehouses are left out of it."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.driver.warehouse_map import answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.endpoint import Endpoint

_EVERY_S = 10.0


class NodeProbe:
    """Polls the databases at `endpoints`, by node, in a thread until one of them answers.

    Attributes:
        back: set once one answers.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], every_s: float = _EVERY_S) -> None:
        self.back = Event()
        self._endpoints = endpoints
        self._every_s = every_s
        if endpoints:
            # A query to a partitioned node blocks for seconds, and the reports must not wait for it.
            Thread(target=self._poll, daemon=True).start()

    def _poll(self) -> None:
        while not self.back.wait(self._every_s):
            if any(answers(node, endpoint) for node, endpoint in self._endpoints.items()):
                self.back.set()
