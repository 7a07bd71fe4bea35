"""Benchmark runs: what is asked of one, how far it is, and what its clients measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


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
    """What the clients of one node measured over the last second.

    Attributes:
        p95_ms: NaN where nothing finished.
    """

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


class Workload(Protocol):
    """A kind of benchmark on one cluster; a new kind is one file that implements this."""

    async def prepare(self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None]) -> WorkloadStatus:
        """Make what the benchmark needs; what is there is kept, and what was interrupted goes on.

        Raises:
            DistdiagError: it failed on some nodes; the others are done.
        """

    async def start(self, request: WorkloadRequest) -> WorkloadStatus:
        """Start the clients; they go on to their end, whatever becomes of this process.

        Raises:
            ConfigError: the request or the generator is wrong.
            DataError: the benchmark was not prepared.
            RefusedError: one runs already.
            UnreachableError: a node did not answer.
        """

    async def stop(self) -> WorkloadStatus | None:
        """End all clients, whoever started them; None when there never were any."""

    async def cleanup(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop what `prepare` made, and nothing else."""

    def status(self) -> WorkloadStatus | None:
        """How it is now; None when there never was one."""

    def figures(self, node: str) -> WorkloadFigures | None:
        """What the clients of `node` measured over the last second; None when they have not reported lately."""
