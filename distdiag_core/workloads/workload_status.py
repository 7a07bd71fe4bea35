"""The state of a benchmark run or of its preparation, and what its clients measure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.workload_request import WorkloadRequest


class WorkloadState(StrEnum):
    """Life cycle of a workload."""

    ABSENT = "absent"
    PREPARING = "preparing"
    PREPARED = "prepared"
    RUNNING = "running"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """Figures of one transaction type over the last second; latencies are NaN where no transaction finished."""

    tps: float
    p50_ms: float = math.nan
    p95_ms: float = math.nan
    p99_ms: float = math.nan
    errors_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WorkloadFigures:
    """Figures of the clients of one node over the last second.

    Attributes:
        p95_ms: NaN where no transaction finished; p50_ms and p99_ms also where the benchmark does not measure them.
        types: by transaction type, as named by `Benchmark.types`; empty where the benchmark has no types.
        extra: further figures of the benchmark by name, for instance `tpmc`.
        note: an error that does not end the clients, in plain words; for instance a query that is refused.
    """

    tps: float
    qps: float
    p95_ms: float
    errors_per_s: float
    threads: int
    p50_ms: float = math.nan
    p99_ms: float = math.nan
    types: Mapping[str, TypeFigures] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a preparation.

    Attributes:
        done: rows loaded on all nodes together, of `total`.
        per_s: recent rate in rows per second.
        left_s: estimated remaining seconds; None where the rate is not known yet.
    """

    done: int
    total: int
    per_s: float = 0.0
    left_s: float | None = None

    @property
    def share(self) -> float:
        """Fraction of the rows that are loaded, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """Current state of one run or preparation.

    Attributes:
        detail: the error or the current activity, in plain words.
        progress: while it is being prepared, else None.
        started_s: seconds since the epoch.
        ends_s: scheduled end, seconds since the epoch.
        figures: by node, while it runs.
        id: short id of the run or preparation, which `stop` takes; empty where there is nothing to stop.
    """

    request: WorkloadRequest
    state: WorkloadState
    detail: str = ""
    progress: Progress | None = None
    started_s: float | None = None
    ends_s: float | None = None
    figures: dict[str, WorkloadFigures] = field(default_factory=dict)
    id: str = ""
