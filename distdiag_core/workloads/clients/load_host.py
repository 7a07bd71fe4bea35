"""The protocol of a load host, the machine that client programs run on, and the state of their runs.

Implemented for this machine (`local_load_host`) and for one that is reached by SSH (`remote_load_host`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.run_files import Run
    from distdiag_core.workloads.clients.run_log import RunLogContent
    from distdiag_core.workloads.workload_status import WorkloadFigures


@dataclass(frozen=True, slots=True)
class ClientStatus:
    """Current state of the clients of one run on one node.

    Attributes:
        alive: the supervisor runs.
        note: the reason of an early end, else the last remark of the supervisor, else the note of the figures.
        figures: None where the clients have not reported lately.
    """

    run: Run
    alive: bool
    note: str
    figures: WorkloadFigures | None


@dataclass(frozen=True, slots=True)
class LoadSnapshot:
    """All runs on a load host at one moment.

    Attributes:
        damaged: errors of run files that cannot be read, in plain words.
        unreachable: why the load host could not be asked, in plain words; its runs are not known then.
    """

    clients: tuple[ClientStatus, ...] = ()
    damaged: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


class LoadHost(Protocol):
    """Runs client programs, which outlive the console that started them."""

    async def require(self, kind: str) -> None:
        """Check that the programs which the clients of a benchmark need are installed on the host.

        Raises:
            ConfigError: one is missing; the hint is the command that installs it.
        """

    async def launch(self, job: ClientJob) -> None:
        """Start the clients of a job; their run file exists when this returns.

        Raises:
            CommandFailedError: they could not be started.
        """

    async def end(self, ids: Collection[str] | None = None) -> None:
        """End all clients, or those of some runs, and remove failed runs; the clients have ended when this returns.

        Raises:
            DataError: a run file is damaged; the runs of the others have ended.
        """

    async def refresh(self) -> None:
        """Make the next `snapshot` current."""

    def snapshot(self) -> LoadSnapshot:
        """The runs as of the last refresh."""

    async def past(self) -> RunLogContent:
        """The content of its run log."""

    async def close(self) -> None:
        """Disconnect from the host; the clients continue."""
