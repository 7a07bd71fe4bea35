"""This machine as a load host: all runs of one cluster, of any benchmark and any console of the user."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads import benchmark_registry, timestamped_log
from distdiag_core.workloads.clients import client_log, launcher
from distdiag_core.workloads.clients.load_host import ClientStatus, LoadSnapshot
from distdiag_core.workloads.clients.run_files import Run, RunDirectory
from distdiag_core.workloads.clients.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.run_log import RunLogContent

# Clients report each second; older reports are outdated.
_STALE_S = 2.5
# A tick reads the figures of each node and the status of all: the run files are read once for that.
_FRESH_S = 0.3


class LocalLoadHost:
    """Implements `LoadHost` for this machine.

    The run files are the state, so that every console of the user sees the same.
    """

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._runs = RunDirectory(cluster)
        self._seen = LoadSnapshot()
        self._seen_s: float | None = None

    async def require(self, kind: str) -> None:
        """Check the programs on this machine."""
        benchmark_registry.benchmark(kind).require()

    async def launch(self, job: ClientJob) -> None:
        """Start clients on this machine."""
        # The failure of an earlier run is outdated.
        self._runs.forget(job.node, job.request.kind)
        await launcher.launch(job)
        self._invalidate()

    async def end(self, ids: Collection[str] | None = None) -> None:
        """End clients on this machine."""
        found = self._runs.find()
        runs = [each for each in found if isinstance(each, Run) and (ids is None or each.id in ids)]
        async with asyncio.TaskGroup() as ending:
            for run in runs:
                ending.create_task(launcher.end(run))
        for run in runs:
            self._runs.forget(run.node, run.request.kind)
        self._invalidate()
        for each in found:
            if ids is None and isinstance(each, DataError):
                raise each

    async def refresh(self) -> None:
        """Nothing to do: `snapshot` reads the run files itself."""

    def snapshot(self) -> LoadSnapshot:
        """The runs that continue or have failed."""
        if self._seen_s is None or time.monotonic() - self._seen_s > _FRESH_S:
            self._seen, self._seen_s = self._find(), time.monotonic()
        return self._seen

    async def past(self) -> RunLogContent:
        """The content of the run log of this machine."""
        return await asyncio.to_thread(RunLog(self._cluster).read)

    def renew_leases(self) -> None:
        """Note that a console has asked for the runs."""
        self._runs.renew_leases()

    async def close(self) -> None:
        """Nothing to disconnect."""

    def _invalidate(self) -> None:
        """Drop the cached snapshot, after a start or an end."""
        self._seen_s = None

    def _find(self) -> LoadSnapshot:
        found = self._runs.find()
        return LoadSnapshot(
            tuple(self._client_status(each) for each in found if isinstance(each, Run)),
            tuple(str(each) for each in found if isinstance(each, DataError)),
        )

    def _client_status(self, run: Run) -> ClientStatus:
        parse = benchmark_registry.benchmark(run.request.kind).figures
        lines = timestamped_log.tail(self._runs.log(run.node, run.request.kind))
        figures = client_log.figures(lines, parse, since_s=max(time.time() - _STALE_S, run.started_s))
        note = run.failure or client_log.remark(lines, parse) or (figures.note if figures else "")
        return ClientStatus(run, run.process() is not None, note, figures)
