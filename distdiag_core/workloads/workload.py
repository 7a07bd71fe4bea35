"""Benchmark runs: what is asked of one, how far it is, and what its clients measure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.workloads.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bound=Options)


class WorkloadState(StrEnum):
    """The life of a workload."""

    ABSENT = "absent"
    PREPARING = "preparing"
    PREPARED = "prepared"
    RUNNING = "running"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WorkloadRequest:
    """One benchmark on some nodes.

    Attributes:
        kind: the name of a benchmark, see kinds.py.
        script: one of the benchmark's; for instance `oltp_read_write`.
        nodes: each gets clients of its own.
        threads: clients a node.
        rate: transactions a second and node that are offered; 0 for as fast as it goes.
        duration_s: None for until stopped.
        profile: the name of a load curve, see profiles.py; threads and rate are its own then. Empty for none.
        options: the benchmark's own; plain `Options()` for all of their defaults.
    """

    kind: str = "sysbench"
    script: str = "oltp_read_write"
    nodes: tuple[str, ...] = ()
    threads: int = 4
    rate: int = 0
    duration_s: float | None = None
    profile: str = ""
    options: Options = field(default_factory=Options)

    def options_as(self, kind: type[T]) -> T:
        """`options`, for the benchmark that they belong to."""
        if type(self.options) is Options:
            return kind()
        if not isinstance(self.options, kind):
            raise TypeError(f"options of {self.kind} are {type(self.options).__name__}")
        return self.options


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """What was measured of one type of transaction over the last second; latencies are NaN where none finished."""

    tps: float
    p50_ms: float = math.nan
    p95_ms: float = math.nan
    p99_ms: float = math.nan
    errors_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WorkloadFigures:
    """What the clients of one node measured over the last second.

    Attributes:
        p95_ms: NaN where nothing finished; p50_ms and p99_ms also where the clients do not measure them.
        types: by type of transaction, as `Benchmark.types` names them; empty where there are none.
        extra: figures of the benchmark's own, by name: `tpmc` for instance.
        note: what does not work although the clients go on, in plain words: a query that is refused, for instance.
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
    """How far a preparation is.

    Attributes:
        done: rows on all nodes; of `total`.
        per_s: rows a second, lately.
        left_s: None where that cannot be said yet.
    """

    done: int
    total: int
    per_s: float = 0.0
    left_s: float | None = None

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """A workload as it is now.

    Attributes:
        id: of this run or preparation, short; what `stop` is told. Empty where there is nothing to stop.
        progress: while it is being prepared, else None.
        figures: by node, while it runs.
        detail: what went wrong, or what is being done, in plain words.
        ends_s: when it ends by itself, seconds since the epoch.
    """

    request: WorkloadRequest
    state: WorkloadState
    detail: str = ""
    progress: Progress | None = None
    started_s: float | None = None
    ends_s: float | None = None
    figures: dict[str, WorkloadFigures] = field(default_factory=dict)
    id: str = ""
