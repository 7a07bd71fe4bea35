"""The machine that clients run on: this one (host.py), or one that is reached by SSH (remote_fleet.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.local_load_host import LoadSnapshot
    from distdiag_core.workloads.clients.run_log import RunLogContent


class LoadHost(Protocol):
    """Runs clients, also of consoles that are gone."""

    async def require(self, kind: str) -> None:
        """Check whether all that the clients of a benchmark need is installed there.

        Raises:
            ConfigError: it is not; the hint is the command that installs it.
        """

    async def launch(self, job: ClientJob) -> None:
        """Start clients; they are on file when this returns.

        Raises:
            CommandFailedError: they could not be started.
        """

    async def end(self, ids: Collection[str] | None = None) -> None:
        """End all clients, or those of some runs, and forget what failed. They are gone when this returns.

        Raises:
            DataError: what is on file cannot be read; what can be read is ended.
        """

    async def refresh(self) -> None:
        """See to it that what `look` gives next is about now."""

    def snapshot(self) -> LoadSnapshot:
        """What ran there when it was looked at last."""

    async def past(self) -> RunLogContent:
        """Its history of runs."""

    async def close(self) -> None:
        """Let go of the machine; the clients go on."""
