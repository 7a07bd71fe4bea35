"""One running console: owns the loops, offers the verbs, publishes a snapshot a tick."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from distdiag_core import places
from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import NodeState
from distdiag_core.collecting.collector import Collector
from distdiag_core.collecting.keeper import Keeper
from distdiag_core.collecting.notes import Notes
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.history import History
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.sources import source_registry
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.injections import InjectionVerbs
from distdiag_core.operations.workloads import WorkloadVerbs
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.live_diagnosis import Diagnosing
from distdiag_core.runtime.model_monitor import KnownTroubles
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.workloads.control.workload_source import WorkloadSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.metrics.sources.source import Source
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.operations.run_history import Past
    from distdiag_core.recording.events import Level
    from distdiag_core.recording.recording_status import RecordingStatus
    from distdiag_core.workloads.benchmarks.benchmark import Finding
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus

# Ten minutes at one tick a second, which is what the longest chart shows.
HISTORY_TICKS = 600


class Runtime:
    """The rooms wired together, for as long as the context lasts.

    Args:
        settings: the cluster.
        sampling: False for a verb that needs no figures: nothing is collected, recorded or diagnosed.
        record: write a recording.
        model: what diagnoses; None for no diagnosis.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        sampling: bool = True,
        record: bool = False,
        model: Model | None = None,
    ) -> None:
        self.cluster = settings
        self.anomalies = anomaly_catalogue.load()
        self.catalogue = metric_catalogue.load().of((*settings.sources, "workload"))
        self._nodes = Cluster(settings)
        self._recorder = Recorder(settings, self.catalogue) if sampling and record else None
        self._journal = Journal(self._recorder.event if self._recorder else None)
        self._auditor = Auditor(settings.name, self._nodes, self._journal)
        self._loading = WorkloadVerbs(self._nodes, self._journal, self._auditor)
        self._injecting = InjectionVerbs.on(self._nodes, self.anomalies, self._journal, self._auditor)
        self._history = History(tuple(node.name for node in settings.nodes), self.catalogue.names, HISTORY_TICKS)
        notes = Notes(places.collecting_dir(), settings.name, self._recorder.status().path if self._recorder else "")
        self._keeper = Keeper(places.cases_dir(), notes, self._journal, settings.collecting.balance_points)
        self._collector = Collector(settings, self.anomalies, self._journal, self._keeper)
        self._sampling = sampling
        self._known_troubles = KnownTroubles(self._journal)
        self._diagnosing = Diagnosing(model, settings.interval_s, self.catalogue.names, self.anomalies, self._journal)
        self._tick = 0
        self._newest: Snapshot | None = None
        self._ticked = asyncio.Condition()
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._lasting = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Reach for the nodes; a node that is dead delays nothing."""
        async with AsyncExitStack() as lasting:
            if self._recorder is not None:
                lasting.enter_context(self._recorder)
            await lasting.enter_async_context(self._nodes)
            lasting.push_async_callback(self._loading.seen.close)
            self._nodes.on_change(self._node_changed)
            if self._sampling:
                lasting.callback(self._diagnosing.close)
                tasks = await lasting.enter_async_context(asyncio.TaskGroup())
                tasks.create_task(self._keeper.run())
                # In the opposite order: no more ticks, then what there is becomes cases, then these are written.
                lasting.callback(self._keeper.close)
                lasting.callback(self._collector.close)
                for loop in (self._sample(), self._injecting.watch.run(), self._injecting.abort_rule.run()):
                    lasting.callback(tasks.create_task(loop).cancel)
            self._lasting = lasting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the nodes. Injections go on to their deadlines; a workload goes on to its end."""
        # The error of the body goes on as it is; the task group would wrap it.
        await self._lasting.__aexit__(None, None, None)

    # What is seen

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Call `listener` with every snapshot, on the loop of the runtime; it must not block."""
        self._listeners.append(listener)

    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first tick."""
        return self._newest

    async def next_snapshot(self) -> Snapshot:
        """The one of the next tick."""
        async with self._ticked:
            await self._ticked.wait()
        if self._newest is None:
            raise AssertionError("a tick has passed without a snapshot")
        return self._newest

    @property
    def recording(self) -> RecordingStatus | None:
        """Where the recording is written; None where there is none."""
        return self._recorder.status() if self._recorder else None

    # Anomalies

    async def plan(self, request: InjectionRequest) -> Plan:
        """What `request` comes to, for the operator to see.

        Raises:
            RefusedError: a safety rule forbids it.
            ConfigError: it names what does not exist.
            UnreachableError: a node cannot be asked.
        """
        return await self._injecting.plan(request)

    async def inject(self, plan: Plan) -> tuple[Injection, ...]:
        """Make it happen, and prove that it does; while anomalies are collected, once enough is there before it."""
        async with self._collector.injecting(plan):
            return await self._injecting.inject(plan)

    async def active(self) -> tuple[Injection, ...]:
        """What is on the nodes now, whoever put it there."""
        return await self._injecting.active()

    @property
    def unasked(self) -> tuple[str, ...]:
        """The nodes that gave no answer when all were asked last, each with the reason."""
        return self._injecting.unasked

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections and prove that they are gone."""
        self._collector.clearing(ids)
        return await self._injecting.clear(ids)

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """End every injection on every node; nodes that do not answer are asked again for `try_for_s`, told each time.

        Raises:
            PartlyClearedError: a node has not answered to the end; the others are cleared.
        """
        self._collector.clearing_all()
        return await self._injecting.clear_all(try_for_s, tell)

    # Collecting

    async def collect_normal(self, *, on: bool) -> None:
        """Begin or end to collect normal life for the dataset.

        Raises:
            ConfigError: nothing was sampled yet.
        """
        self._collector.collect_normal(on=on)

    async def collect_anomalies(self, *, on: bool) -> None:
        """Make a case of every injection from now on, or of none."""
        self._collector.collect_anomalies(on=on)

    @property
    def collecting(self) -> CollectingStatus | None:
        """How collecting goes, also after the end; None before the first tick."""
        return self._collector.status()

    # Workloads

    async def prepare_workload(
        self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None] | None = None
    ) -> WorkloadStatus:
        """Make what a benchmark needs; what is there already is kept."""
        self._load_changes()
        try:
            return await self._loading.prepare(request, progress)
        finally:
            self._load_changes()

    async def start_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Start the load; it goes on to its end, whatever becomes of this process."""
        self._load_changes()
        return await self._loading.start(request)

    async def stop_workload(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """End all load and all preparations, whoever started them; or only what has one of these ids."""
        self._load_changes()
        return await self._loading.stop(ids)

    async def cleanup_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop what `prepare_workload` made, and nothing else."""
        return await self._loading.cleanup(request)

    async def check_workload(self, request: WorkloadRequest) -> dict[str, tuple[Finding, ...]]:
        """Look on each node whether what a benchmark left there is right."""
        return await self._loading.check(request)

    async def workload_history(self) -> tuple[Past, ...]:
        """The runs that there were on this cluster and those that go on, the newest first."""
        return await self._loading.history()

    # Diagnosis

    async def relearn(self) -> None:
        """Take what is going on now for normal."""
        self._journal.note("action", "what is going on now is taken for normal")
        self._diagnosing.forget_past()

    async def use_model(self, name: str) -> ModelStatus:
        """Diagnose with the model called `name` from the next tick on; it is the chosen one from now on.

        Raises:
            ConfigError: there is none.
            DataError: it is damaged.
        """
        return await self._diagnosing.use(name)

    # The loops

    async def _sample(self) -> None:
        asked = {node.settings.name: self._sources(node) for node in self._nodes.nodes}
        async with Sampler(self.catalogue, asked, self.cluster.interval_s) as sampler:
            async for frame in sampler:
                self._history.append(frame)
                self._injecting.abort_rule.look(frame, self._nodes.statuses())
                if self._recorder is not None:
                    self._recorder.frame(frame)
                await self._diagnosing.look(self._history.window())
                self._known_troubles.look(self._diagnosing.newest, self._injecting.watch.known, self._diagnosing.model)
                await self._publish(frame, sampler.troubles())

    def _sources(self, node: Node) -> tuple[Source, ...]:
        of_node = source_registry.of_node(node.settings, self.cluster, self.catalogue, node.shell, node.database)
        return (*of_node, WorkloadSource(node.settings.name, self._loading.seen))

    async def _publish(self, frame: Frame, troubles: Mapping[tuple[str, str], str]) -> None:
        self._tick += 1
        snapshot = Snapshot(
            tick=self._tick,
            cluster=self.cluster,
            catalogue=self.catalogue,
            nodes=self._nodes.statuses(),
            frame=frame,
            troubles=troubles,
            window=self._history.window(),
            injections=self._injecting.watch.known,
            workloads=self._loading.seen.statuses(),
            diagnosis=self._diagnosing.newest,
            model=self._diagnosing.model,
            recording=self.recording,
            events=self._journal.newest_first(),
        )
        self._newest = replace(snapshot, collecting=self._collector.look(snapshot))
        for listener in self._listeners:
            listener(self._newest)
        async with self._ticked:
            self._ticked.notify_all()

    # What is told

    def _node_changed(self, status: NodeStatus) -> None:
        if status.state is NodeState.UP:
            self._journal.note("node", f"{status.node} is up", node=status.node, state=status.state.value)
        elif status.state in (NodeState.DEGRADED, NodeState.DOWN):
            text = f"{status.node} is {status.state}: {status.reason}"
            level: Level = "error" if status.state is NodeState.DOWN else "warning"
            self._journal.note("node", text, level=level, node=status.node, state=status.state.value)

    def _load_changes(self) -> None:
        # What changes when we change the load ourselves is no anomaly.
        self._diagnosing.forget_past()
