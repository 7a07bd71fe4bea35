"""What the clients of a benchmark measure, as metrics of the node that they hit."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.metrics.source import Reading

if TYPE_CHECKING:
    from distdiag_core.workloads.workload import Workload


class WorkloadSource:
    """Implements `metrics.Source`: tps, qps, p95_ms and errors_per_s; without a running workload none of them."""

    name = "workload"

    def __init__(self, node: str, workload: Workload) -> None:
        self._node = node
        self._workload = workload

    async def read(self) -> Reading:
        """The newest report of the clients of the node."""
        measured = self._workload.figures(self._node)
        values = {} if measured is None else asdict(measured)
        values.pop("threads", None)
        return Reading(time.monotonic(), {key: value for key, value in values.items() if math.isfinite(value)})

    async def close(self) -> None:
        """Nothing is held."""
