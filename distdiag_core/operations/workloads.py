"""The acts on workloads, whichever front end asks: each is told to the journal and put on the audit trail."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.operations import run_history
from distdiag_core.operations.audit import Auditor
from distdiag_core.recording.journal import Journal
from distdiag_core.workloads.clients.remote_load_host import RemoteLoadHost
from distdiag_core.workloads.control.workload_control import WorkloadControl

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.run_history import Past
    from distdiag_core.workloads.benchmarks.benchmark import Finding
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


class WorkloadVerbs:
    """Prepares, starts, stops, checks and cleans up.

    Attributes:
        seen: how all workloads are, and what their clients measure.
    """

    def __init__(self, nodes: Cluster, journal: Journal, auditor: Auditor) -> None:
        self.seen = _workloads(nodes)
        self._cluster = nodes.settings.name
        self._journal = journal
        self._auditor = auditor

    async def prepare(
        self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None] | None = None
    ) -> WorkloadStatus:
        """Make what a benchmark needs; what is there already is kept."""
        self._journal.note("workload", f"preparing {request.kind} on {', '.join(request.nodes)}")
        async with self._auditor.act("prepare workload", **asdict(request)):
            return self._told(await self.seen.prepare(request, progress or _unheard))

    async def start(self, request: WorkloadRequest) -> WorkloadStatus:
        """Start the load; it goes on to its end, whatever becomes of this process."""
        async with self._auditor.act("start workload", **asdict(request)):
            return self._told(await self.seen.start(request))

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """End all load and all preparations, whoever started them; or only what has one of these ids."""
        async with self._auditor.act("stop workload", ids=list(ids or ())):
            return tuple(self._told(status) for status in await self.seen.stop(ids))

    async def cleanup(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop what `prepare` made, and nothing else."""
        async with self._auditor.act("clean up workload", **asdict(request)):
            return self._told(await self.seen.cleanup(request))

    async def check(self, request: WorkloadRequest) -> dict[str, tuple[Finding, ...]]:
        """Look on each node whether what a benchmark left there is right."""
        return await self.seen.validate(request)

    async def statuses(self) -> tuple[WorkloadStatus, ...]:
        """All load as it is now, what is being prepared, and of each other kind what was done last here."""
        await self.seen.refresh()
        return self.seen.statuses()

    async def history(self) -> tuple[Past, ...]:
        """The runs that there were on this cluster and those that go on, the newest first."""
        runs = await self.seen.past()
        return await asyncio.to_thread(run_history.beside_injections, runs, self._cluster)

    def _told(self, status: WorkloadStatus) -> WorkloadStatus:
        request = status.request
        text = f"{request.kind} {request.script} on {', '.join(request.nodes)}: {status.state}"
        self._journal.note("workload", text, state=status.state.value, request=asdict(request))
        return status


@asynccontextmanager
async def loading(settings: ClusterSettings) -> AsyncGenerator[WorkloadVerbs]:
    """The acts without a console around them: who wants load to end waits for no figures."""
    journal = Journal()
    async with Cluster(settings, sql=False) as nodes:
        verbs = WorkloadVerbs(nodes, journal, Auditor(settings.name, nodes, journal))
        try:
            yield verbs
        finally:
            await verbs.seen.close()


def _workloads(nodes: Cluster) -> WorkloadControl:
    settings = nodes.settings
    wanted = settings.workload
    if wanted.generator is None:
        return WorkloadControl(settings)
    shell = nodes.node(wanted.generator).shell
    return WorkloadControl(settings, RemoteLoadHost(shell, settings.name, wanted.command))


def _unheard(_status: WorkloadStatus) -> None:
    """Nothing to do: the next snapshot carries the progress."""
