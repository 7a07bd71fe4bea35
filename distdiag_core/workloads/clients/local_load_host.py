"""All clients that this machine has put on one cluster, of whatever benchmark, whoever started them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.clients import client_log, launcher
from distdiag_core.workloads.clients.run_files import Run, RunDirectory
from distdiag_core.workloads.clients.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.run_log import RunLogContent
    from distdiag_core.workloads.workload_status import WorkloadFigures

# Clients report each second; after this long a report is no longer about now.
_STALE_S = 2.5
# In every tick each node's figures are asked for, and the status of all: that is one look at the files.
_FRESH_S = 0.3


@dataclass(frozen=True, slots=True)
class ClientStatus:
    """A run as it is now.

    Attributes:
        alive: its supervisor is there.
        note: why it ended early; or what its supervisor said last, if it has not been well since; or what does not work
            although the clients go on.
        figures: None when its clients have not reported lately.
    """

    run: Run
    alive: bool
    note: str
    figures: WorkloadFigures | None


@dataclass(frozen=True, slots=True)
class LoadSnapshot:
    """All runs at one moment.

    Attributes:
        damaged: what cannot be read, in plain words.
    """

    clients: tuple[ClientStatus, ...] = ()
    damaged: tuple[str, ...] = ()


class LocalLoadHost:
    """Implements `LoadHost` for this machine.

    It keeps nothing in memory for long: what runs is on file, so that every console of the user sees the same.
    """

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._runs = RunDirectory(cluster)
        self._seen = LoadSnapshot()
        self._seen_s: float | None = None

    async def require(self, kind: str) -> None:
        """Check here."""
        benchmark_registry.benchmark(kind).require()

    async def launch(self, job: ClientJob) -> None:
        """Start clients here."""
        # What failed earlier is no longer news.
        self._runs.forget(job.node, job.request.kind)
        await launcher.launch(job)
        self._invalidate()

    async def end(self, ids: Collection[str] | None = None) -> None:
        """End clients here."""
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
        """Nothing to do: what `look` sees is as new as it can be."""

    def snapshot(self) -> LoadSnapshot:
        """What runs now, or why it failed."""
        if self._seen_s is None or time.monotonic() - self._seen_s > _FRESH_S:
            self._seen, self._seen_s = self._find(), time.monotonic()
        return self._seen

    async def past(self) -> RunLogContent:
        """The history that is kept here."""
        return await asyncio.to_thread(RunLog(self._cluster).read)

    async def close(self) -> None:
        """Nothing is held."""

    def _invalidate(self) -> None:
        """Something was just begun or ended here: the next answer must not be one from before."""
        self._seen_s = None

    def _find(self) -> LoadSnapshot:
        found = self._runs.find()
        return LoadSnapshot(
            tuple(self._client_status(each) for each in found if isinstance(each, Run)),
            tuple(str(each) for each in found if isinstance(each, DataError)),
        )

    def _client_status(self, run: Run) -> ClientStatus:
        parse = benchmark_registry.benchmark(run.request.kind).figures
        said = client_log.tail(self._runs.log(run.node, run.request.kind))
        figures = client_log.figures(said, parse, since_s=max(time.time() - _STALE_S, run.started_s))
        note = run.failure or client_log.remark(said, parse) or (figures.note if figures else "")
        return ClientStatus(run, run.process() is not None, note, figures)
