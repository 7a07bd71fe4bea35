"""Operations on the workloads of a cluster, each with an event in the journal and a record in the audit log."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.operations import run_history
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.recording.journal import Journal
from distdiag_core.workloads.clients.remote_load_host import RemoteLoadHost
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_settings import WorkloadSettings, load_hosts_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.workloads.benchmark import Finding
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


def _ignore(*_ignored: object) -> None:
    """Nothing to do."""


class Workloads:
    """Preparing, starting, stopping, checking and cleaning up benchmarks.

    Args:
        on_load_change: called before an operation changes the load, and after tables were prepared.

    Attributes:
        control: the state of all workloads, and what their clients measure.
    """

    def __init__(
        self, nodes: Cluster, journal: Journal, gate: Gate, on_load_change: Callable[[], None] = _ignore
    ) -> None:
        self.control = _control(nodes)
        self._on_load_change = on_load_change
        self._cluster = nodes.settings.name
        self._journal = journal
        self._gate = gate

    async def prepare(
        self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None] | None = None, *, confirmed: str = ""
    ) -> WorkloadStatus:
        """Create and fill the tables of a benchmark; those that are complete already are kept."""
        self._on_load_change()
        self._journal.note("workload", f"preparing {request.kind} on {', '.join(request.nodes)}")
        async with self._gate.operation("prepare workload", confirmed=confirmed, **asdict(request)):
            try:
                return self._noted(await self.control.prepare(request, progress or _ignore))
            finally:
                self._on_load_change()

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Start the clients; they run to the end of the workload, also without this process."""
        self._on_load_change()
        async with self._gate.operation("start workload", confirmed=confirmed, **asdict(request)):
            return self._noted(await self.control.start(request))

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """Stop all clients and preparations, or those with these ids, also when another console started them."""
        self._on_load_change()
        async with self._gate.operation("stop workload", ids=list(ids or ())):
            return tuple(self._noted(status) for status in await self.control.stop(ids))

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Drop the databases that `prepare` created, and nothing else."""
        async with self._gate.operation("clean up workload", confirmed=confirmed, **asdict(request)):
            return self._noted(await self.control.cleanup(request))

    async def check(self, request: WorkloadRequest) -> dict[str, tuple[Finding, ...]]:
        """Check the data of a benchmark for consistency, node by node."""
        return await self.control.validate(request)

    async def statuses(self) -> tuple[WorkloadStatus, ...]:
        """The running workloads, the preparations, and the last state of each other benchmark."""
        await self.control.refresh()
        return self.control.statuses()

    async def look_for_tables(self) -> None:
        """Ask the databases which tables are prepared; the next `statuses` has them."""
        await self.control.look_for_tables()

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be asked or read for `statuses`, a sentence each."""
        return self.control.problems

    async def history(self) -> tuple[RunWithInjections, ...]:
        """All runs on this cluster, finished or running, newest first."""
        runs = await self.control.past()
        return await asyncio.to_thread(run_history.beside_injections, runs, self._cluster)

    def _noted(self, status: WorkloadStatus) -> WorkloadStatus:
        request = status.request
        text = f"{request.kind} {request.script} on {', '.join(request.nodes)}: {status.state}"
        self._journal.note("workload", text, state=status.state.value, request=asdict(request))
        return status


@asynccontextmanager
async def connect_workloads(
    settings: ClusterSettings, permission: Permission | None = None
) -> AsyncGenerator[Workloads]:
    """`Workloads` without a running console: no sampling and no SQL connections."""
    journal = Journal()
    async with Cluster(settings, sql=False, load_hosts=load_hosts_of(settings)) as nodes:
        auditor = Auditor(settings.name, nodes, journal)
        await auditor.look()
        workloads = Workloads(nodes, journal, Gate(settings, auditor, permission))
        try:
            yield workloads
        finally:
            await workloads.control.close()


def _control(nodes: Cluster) -> WorkloadControl:
    settings = nodes.settings
    wanted = settings.section(WorkloadSettings)
    if wanted.generator is not None:
        shell = nodes.node(wanted.generator).shell
        hosts = {wanted.generator: RemoteLoadHost(shell, settings.name, wanted.command)}
    else:
        hosts = {
            each.name: RemoteLoadHost(nodes.load_hosts[each.name], settings.name, each.command or wanted.command)
            for each in wanted.generators
        }
    return WorkloadControl(settings, hosts)
