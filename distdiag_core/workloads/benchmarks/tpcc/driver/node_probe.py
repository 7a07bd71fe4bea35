"""Looks out for the nodes whose warehouses are left out of a run, since they could not be reached when it began."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.driver.warehouse_map import answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.benchmark import Endpoint

_EVERY_S = 10.0


class NodeProbe:
    """Asks `endpoints`, by the names of their nodes, now and then until one of them answers.

    Attributes:
        back: set when one does.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], every_s: float = _EVERY_S) -> None:
        self.back = Event()
        self._endpoints = endpoints
        self._every_s = every_s
        if endpoints:
            # A node that is cut off keeps a question waiting for seconds, and the reports must not wait.
            Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.back.wait(self._every_s):
            if any(answers(node, endpoint) for node, endpoint in self._endpoints.items()):
                self.back.set()
