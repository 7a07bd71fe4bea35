"""Benchmark runs: what is asked of one, how far it is, and what its clients measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class WorkloadState(StrEnum):
    """The life of a workload."""

    ABSENT = "absent"
    PREPARING = "preparing"
    PREPARED = "prepared"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WorkloadRequest:
    """One benchmark on some nodes.

    Attributes:
        kind: `sysbench`.
        script: for instance `oltp_read_write`.
        nodes: each gets clients of its own.
        threads: clients a node.
        rate: transactions a second and node that are offered; 0 for as fast as it goes.
        duration_s: None for until stopped.
    """

    kind: str = "sysbench"
    script: str = "oltp_read_write"
    nodes: tuple[str, ...] = ()
    threads: int = 4
    tables: int = 4
    table_size: int = 25_000
    rate: int = 0
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class WorkloadFigures:
    """What the clients of one node measured over the last second."""

    tps: float
    qps: float
    p95_ms: float
    errors_per_s: float
    threads: int


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """A workload as it is now.

    Attributes:
        progress: 0 to 1 while it is being prepared, else None.
        figures: by node, while it runs.
        detail: what went wrong, or what is being done, in plain words.
        ends_s: when it ends by itself, seconds since the epoch.
    """

    request: WorkloadRequest
    state: WorkloadState
    detail: str = ""
    progress: float | None = None
    started_s: float | None = None
    ends_s: float | None = None
    figures: dict[str, WorkloadFigures] = field(default_factory=dict)
