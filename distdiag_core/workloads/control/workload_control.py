"""Operations on the workloads of one cluster, and their current state."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from distdiag_core.cluster import fan_out, password
from distdiag_core.errors import ConfigError, DataError, DistdiagError, RefusedError, UnreachableError, quoted
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.benchmark_target import BenchmarkTarget, as_clients_reach
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.load_host import LoadSnapshot
from distdiag_core.workloads.clients.local_load_host import LocalLoadHost
from distdiag_core.workloads.clients.run_files import RunDirectory
from distdiag_core.workloads.control import profiles
from distdiag_core.workloads.control.known_tables import KnownTables
from distdiag_core.workloads.control.load_status import figures_of, statuses_of
from distdiag_core.workloads.control.past_runs import joined
from distdiag_core.workloads.control.preparation import Preparation
from distdiag_core.workloads.control.preparation_files import PreparationFiles
from distdiag_core.workloads.control.prepared_tables import PreparedTables
from distdiag_core.workloads.control.request_checks import checked
from distdiag_core.workloads.load_profile import LoadProfile
from distdiag_core.workloads.load_share import LoadShare, check_divisible
from distdiag_core.workloads.workload_settings import HERE, WorkloadSettings
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workloads.benchmark import Finding
    from distdiag_core.workloads.clients.load_host import LoadHost
    from distdiag_core.workloads.clients.run_log import PastRun
    from distdiag_core.workloads.endpoint import Endpoint
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

# No letter that snapshots like a digit.
_DIGITS = "23456789abcdefghjkmnpqrstvwxyz"


class WorkloadControl:
    """Operations on the workloads of one cluster; the state is in files, so that every console of the user shares it.

    Args:
        generators: the load hosts that share new runs, by name; this machine without any.
    """

    def __init__(self, settings: ClusterSettings, generators: Mapping[str, LoadHost] | None = None) -> None:
        self._settings = settings
        local = LocalLoadHost(settings.name)
        self._generators = dict(generators or {})
        self._by_name: dict[str, LoadHost] = {HERE: local, **self._generators}
        # What was started here before the cluster file named other generators is found and ended as well.
        self._load_hosts = tuple(self._by_name.values())
        self._reached = as_clients_reach(settings)
        self._passwords = password.of_nodes(self._reached.nodes)
        self._stopping: set[str] = set()
        names = tuple(node.name for node in settings.nodes if node.connection != "none")
        in_databases = PreparedTables(names, lambda node: BenchmarkTarget(self._reached, self._passwords, node, names))
        self._tables = KnownTables(PreparationFiles(settings.name), in_databases)

    # Operations

    async def prepare(self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None]) -> WorkloadStatus:
        """Create and fill the tables on all nodes concurrently; existing rows are kept.

        Raises:
            DistdiagError: it failed on some nodes; the others are complete.
        """
        request = checked(request, self._settings)
        benchmark = benchmark_registry.benchmark(request.kind)
        preparation = Preparation(_new_id(), request, progress)

        async def on_node(node: str) -> None:
            await benchmark.prepare(self._target(node, request), request, partial(preparation.update, node))

        interrupted = _interrupted(request)
        self._tables.forget()
        async with self._tables.preparations.published(preparation):
            try:
                done = await preparation.follow(fan_out.on_each(request.nodes, on_node))
            except BaseException as error:
                failed = WorkloadStatus(request, WorkloadState.FAILED, str(error))
                self._tables.note(failed if isinstance(error, DistdiagError) else interrupted)
                raise
        return self._tables.note(
            WorkloadStatus(request, WorkloadState.PREPARED, "all is there") if done else interrupted
        )

    async def start(self, request: WorkloadRequest) -> WorkloadStatus:
        """Start the clients, which continue after the end of this process.

        Raises:
            ConfigError: the request is invalid, or the load host lacks a program.
            DataError: the benchmark was not prepared.
            RefusedError: the benchmark runs already on one of the nodes, or is being prepared or cleaned up.
            UnreachableError: a node did not answer.
        """
        request = checked(request, self._settings)
        profile = profiles.find(request.profile).load_profile if request.profile else LoadProfile()
        with self._tables.preparations.claimed(request.kind, shared=True):
            run = await self._launch(request, profile)
        self._tables.note(WorkloadStatus(request, WorkloadState.PREPARED, "it has ended"))
        started = WorkloadStatus(request, WorkloadState.RUNNING, started_s=time.time(), id=run)
        await self.refresh()
        return next((each for each in self.statuses() if each.id == run), started)

    async def stop(self, ids: Collection[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """End runs and preparations, by id or all of them, of any console; return what was ended.

        Raises:
            ConfigError: one of the ids is unknown.
        """
        await self.refresh()
        found = [each for each in self.statuses() if each.id and (ids is None or each.id in ids)]
        if unknown := set(ids or ()) - {each.id for each in found}:
            known = ", ".join(each.id for each in self.statuses() if each.id) or "nothing runs"
            hint = "; ".join((f"there is: {known}", *self.problems))
            raise ConfigError(f"no workload is called {', '.join(sorted(unknown))}", hint=hint)
        stopped = {each.id for each in found}
        self._stopping |= stopped
        try:
            await self._tables.preparations.end(stopped)
            wanted = None if ids is None else stopped
            await fan_out.on_each(self._by_name, lambda name: self._by_name[name].end(wanted))
        finally:
            self._stopping -= stopped
        return tuple(
            self._tables.note(
                _interrupted(each.request)
                if each.state is WorkloadState.PREPARING
                else WorkloadStatus(each.request, WorkloadState.PREPARED, "stopped")
            )
            for each in found
        )

    async def cleanup(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop the tables that `prepare` created, and nothing else.

        Raises:
            RefusedError: the benchmark runs, or is being prepared.
            UnreachableError: a load host cannot be asked whether it runs.
        """
        request = checked(request, self._settings)
        benchmark = benchmark_registry.benchmark(request.kind)
        with self._tables.preparations.claimed(request.kind):
            # Nodes may share their tables, so that dropping them on one node affects the clients of all.
            await self._refuse_running(request.kind, [node.name for node in self._settings.nodes])
            if unreachable := self._snapshot().unreachable:
                raise UnreachableError(f"it is not known whether {request.kind} runs: {'; '.join(unreachable)}")
            await fan_out.on_each(request.nodes, lambda node: benchmark.cleanup(self._target(node, request), request))
        self._tables.forget()
        return self._tables.note(WorkloadStatus(request, WorkloadState.ABSENT))

    async def validate(self, request: WorkloadRequest) -> dict[str, tuple[Finding, ...]]:
        """Check the consistency of the tables on each node."""
        request = checked(request, self._settings, changes=False)
        benchmark = benchmark_registry.benchmark(request.kind)
        return await fan_out.on_each(
            request.nodes, lambda node: benchmark.validate(self._target(node, request), request)
        )

    # State

    async def refresh(self) -> None:
        """Update statuses and figures."""
        async with asyncio.TaskGroup() as refreshing:
            for load_host in self._load_hosts:
                refreshing.create_task(load_host.refresh())

    async def look_for_tables(self) -> None:
        """Ask the databases which tables are prepared, also by other machines; see `KnownTables.look`.

        A cluster that is read-only is not asked.
        """
        if not self._settings.read_only:
            await self._tables.look()

    async def past(self) -> tuple[PastRun, ...]:
        """Past and current runs of all load hosts, newest first."""
        return joined([run for load_host in self._load_hosts for run in (await load_host.past()).runs()])

    async def close(self) -> None:
        """Disconnect from the load hosts; the clients continue."""
        for load_host in self._load_hosts:
            await load_host.close()

    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """Current runs and preparations; for each other benchmark what is known of its tables."""
        return self._tables.beside(statuses_of(self._snapshot(), self._stopping))

    @property
    def problems(self) -> tuple[str, ...]:
        """The load hosts that could not be asked and the files that cannot be read, a sentence each.

        What runs there is not among the statuses, and not known to have ended.
        """
        snapshot = self._snapshot()
        return (*self._tables.preparations.damaged(), *snapshot.damaged, *snapshot.unreachable)

    def figures(self, node: str) -> Mapping[str, WorkloadFigures]:
        """Figures of `node` over the last second, by benchmark; without clients that have not reported lately."""
        return figures_of(self._snapshot(), node)

    def _snapshot(self) -> LoadSnapshot:
        snapshots = [load_host.snapshot() for load_host in self._load_hosts]
        return LoadSnapshot(
            tuple(client for snapshot in snapshots for client in snapshot.clients),
            tuple(text for snapshot in snapshots for text in snapshot.damaged),
            tuple(text for snapshot in snapshots for text in snapshot.unreachable),
        )

    async def _launch(self, request: WorkloadRequest, profile: LoadProfile) -> str:
        await self._refuse_running(request.kind, request.nodes)
        hosts = self._hosts_of(request)
        check_divisible(request, profile, len(hosts))
        await fan_out.on_each(hosts, lambda name: hosts[name].require(request.kind))
        await fan_out.on_each(request.nodes, lambda node: self._require_prepared(node, request))
        endpoints = {node: await self._target(node, request).endpoint() for node in request.nodes}
        run = _new_id()
        jobs = {node: self._job(run, node, request, endpoints, profile) for node in request.nodes}
        lease_s = self._settings.section(WorkloadSettings).lease_s if request.duration_s is None else None

        async def launch_on(name: str) -> None:
            share = LoadShare(tuple(hosts).index(name), len(hosts))
            of_host = {
                node: replace(job, share=share, lease_s=None if name == HERE else lease_s) for node, job in jobs.items()
            }
            await fan_out.on_each(request.nodes, lambda node: hosts[name].launch(of_host[node]))

        try:
            await fan_out.on_each(hosts, launch_on)
        except BaseException:
            await asyncio.gather(*(host.end([run]) for host in hosts.values()), return_exceptions=True)
            raise
        return run

    def _hosts_of(self, request: WorkloadRequest) -> dict[str, LoadHost]:
        """The load hosts of a request by name.

        Raises:
            ConfigError: one is not known, or named twice.
        """
        names = request.generators or tuple(self._generators) or (HERE,)
        for name in names:
            if name not in self._by_name:
                hint = f"there are: {', '.join(self._by_name)}; workload.generators of the cluster file names them"
                raise ConfigError(f"no generator is called {quoted(name)}", where="workload", hint=hint)
        if len(set(names)) < len(names):
            raise ConfigError("a generator is named twice", where="workload")
        return {name: self._by_name[name] for name in names}

    # Checks

    async def _refuse_running(self, kind: str, nodes: Collection[str]) -> None:
        await self.refresh()
        runs = (client.run for client in self._snapshot().clients if client.alive)
        taken = [run.node for run in runs if run.request.kind == kind and run.node in nodes]
        if taken:
            raise RefusedError(f"{kind} runs already on {', '.join(dict.fromkeys(taken))}", hint="stop it first")

    async def _require_prepared(self, node: str, request: WorkloadRequest) -> None:
        if missing := await benchmark_registry.benchmark(request.kind).missing(self._target(node, request), request):
            raise DataError(missing, where=node, hint="prepare the workload first, with the same options")

    def _job(
        self, run: str, node: str, request: WorkloadRequest, endpoints: Mapping[str, Endpoint], profile: LoadProfile
    ) -> ClientJob:
        # Report an unusable request here, and not in a detached process.
        cluster = self._settings.name
        benchmark_registry.benchmark(request.kind).clients(
            ClientSpec(node, request, endpoints, request.duration_s, RunDirectory(cluster).log(node, request.kind), run)
        )
        return ClientJob(cluster, run, node, request, endpoints, profile)

    def _target(self, node: str, request: WorkloadRequest) -> BenchmarkTarget:
        return BenchmarkTarget(self._reached, self._passwords, node, request.nodes)


def _interrupted(request: WorkloadRequest) -> WorkloadStatus:
    return WorkloadStatus(request, WorkloadState.INTERRUPTED, "prepare again to go on")


def _new_id() -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(4))
