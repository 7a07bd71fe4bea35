"""The rooms of the core wired together for one cluster: a loop that samples, records and diagnoses, once a tick."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from distdiag_core import places
from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.anomalies.backend import control_host_of
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import NodeState
from distdiag_core.collecting.collector import Collector
from distdiag_core.collecting.dataset_writer import DatasetWriter
from distdiag_core.collecting.unfinished_cases import UnfinishedCases, recordings_needed
from distdiag_core.dataset.building.case_builder import CaseBuilder
from distdiag_core.dataset.building.observation import Observation
from distdiag_core.dataset.collecting_settings import CollectingSettings
from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.incidents.notices import IncidentNotices
from distdiag_core.metrics import clock
from distdiag_core.metrics.history import History
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import Shared, connections_of, metrics_of, sources_of
from distdiag_core.operations import backfill_reader
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.operations.injections import Injections
from distdiag_core.operations.obdiag import Obdiag
from distdiag_core.operations.parameters import Parameters
from distdiag_core.operations.server_watch import ServerWatch
from distdiag_core.operations.sessions import Sessions
from distdiag_core.operations.workloads import Workloads
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime import allocator
from distdiag_core.runtime.clock_watch import ClockWatch
from distdiag_core.runtime.live_diagnosis import LiveDiagnosis
from distdiag_core.runtime.live_incidents import LiveIncidents
from distdiag_core.runtime.live_models import LiveModels
from distdiag_core.runtime.live_sources import LiveSources
from distdiag_core.runtime.model_monitor import ModelMonitor
from distdiag_core.runtime.notify_settings import NotifySettings
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.runtime.snapshot_feed import SnapshotFeed
from distdiag_core.runtime.webhook import Webhook
from distdiag_core.workloads.control.workload_source import WorkloadSource
from distdiag_core.workloads.workload_settings import load_hosts_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from types import TracebackType

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.metrics.source import Source
    from distdiag_core.recording.events import Level

# Ten minutes at one tick a second, which is what the longest chart shows.
HISTORY_TICKS = 600


class Runtime(SnapshotFeed):
    """The core of one cluster, running for as long as the context lasts.

    Args:
        settings: the cluster.
        sampling: False for a verb that needs no metrics: nothing is sampled, recorded or diagnosed.
        record: write a recording.
        model: the model that names anomalies; without one they are found and not named.
        permission: what the operator confirmed; by default nothing.
        problems: what the operator is to be warned of at the start.

    Attributes:
        injections: plan, inject, list and clear anomalies.
        workloads: prepare, start, stop, check and clean up benchmarks.
        sessions: list the sessions of a database, and end one.
        parameters: which nodes differ in them, and what changed lately.
        obdiag: checks and root cause scenes of obdiag, when they are asked for.
        sources: which sources of the cluster file are read, each of which can be switched.
        dataset: the switches that collect cases.
        models: the choice of the model.
        diagnosis: the ranked root causes of the newest tick, and its baseline.
        recording: None where nothing is recorded.
        playback: None, since this is no replay.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        sampling: bool = True,
        record: bool = False,
        model: Model | None = None,
        permission: Permission | None = None,
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.cluster = settings
        self.anomalies = anomaly_catalogue.load()
        self.catalogue = metrics_of(settings.sources, settings)
        self.playback = None
        self.recording = self._new_recorder() if sampling and record else None
        self._nodes = Cluster(settings, control_host=control_host_of(settings), load_hosts=load_hosts_of(settings))
        self._journal = Journal(self.recording.event if self.recording else None)
        for note in (*self.anomalies.notes, *problems):
            self._journal.note("error", note, level="warning")
        categories = Categories.of(self.anomalies, self.catalogue)
        self.diagnosis = LiveDiagnosis(
            model, settings.interval_s, self.catalogue.names, self.anomalies, self._journal, categories
        )
        self.models = LiveModels(self.diagnosis, self._journal)
        self._model_monitor = ModelMonitor(self._journal, self.anomalies)
        self._incidents = LiveIncidents(self.recording)
        self._webhook = self._new_webhook() if sampling else None
        self._clock_watch = ClockWatch(self._journal)
        self._writer = self._new_writer()
        self.dataset = Collector(settings, self.anomalies, self._journal, self._writer)
        self._auditor = Auditor(settings.name, self._nodes, self._journal)
        gate = Gate(settings, self._auditor, permission)
        # A change of load on purpose is not an anomaly.
        self.workloads = Workloads(self._nodes, self._journal, gate, self.diagnosis.forget_baseline)
        self.injections = Injections.on(self._nodes, self.anomalies, self._journal, gate, self.dataset)
        self.sessions = Sessions(self._nodes, self._journal, gate)
        self.parameters = Parameters(self._nodes, self._journal)
        self.obdiag = Obdiag(self._nodes, self._journal, gate)
        file = self.recording.path if self.recording is not None else None
        self._backfills = backfill_reader.readers_of(settings, self.obdiag, self._journal, file) if sampling else {}
        self.sources = LiveSources(settings, self.catalogue, self._journal, self._backfills)
        self._server_watch = ServerWatch(self._nodes, self._journal)
        self._history = History(tuple(node.name for node in settings.nodes), self.catalogue.names, HISTORY_TICKS)
        self._sampling = sampling
        self._tick = 0
        self._noted: set[tuple[str, str]] = set()
        self._lasting = AsyncExitStack()

    def _new_recorder(self) -> Recorder:
        return Recorder(self.cluster, self.catalogue, needed=recordings_needed(places.collecting_dir()))

    def _new_webhook(self) -> Webhook | None:
        address = self.cluster.section(NotifySettings).address()
        notices = IncidentNotices(self.cluster.name, self.anomalies.label)
        return Webhook(address, self._journal, notices) if address else None

    def _new_writer(self) -> DatasetWriter:
        builder = CaseBuilder.on(self.recording) if self.recording else None
        recording = builder.path if builder else None
        unfinished = UnfinishedCases(places.collecting_dir(), self.cluster.name, recording)
        points = self.cluster.section(CollectingSettings).balance_points
        return DatasetWriter(places.cases_dir(), builder, unfinished, self._journal, points)

    async def __aenter__(self) -> Self:
        """Reach for the nodes; a node that is dead delays nothing."""
        allocator.share_arenas()
        async with AsyncExitStack() as lasting:
            if self.recording is not None:
                lasting.enter_context(self.recording)
            await self._auditor.look()
            await lasting.enter_async_context(self._nodes)
            lasting.push_async_callback(self.workloads.control.close)
            self._nodes.on_change(self._node_changed)
            if self._sampling:
                lasting.callback(self.diagnosis.close)
                tasks = await lasting.enter_async_context(asyncio.TaskGroup())
                tasks.create_task(self._writer.run())
                # In the opposite order: no more ticks, then what there is becomes cases, then these are written.
                lasting.callback(self._writer.close)
                lasting.callback(self.dataset.close)
                if self._webhook is not None:
                    lasting.callback(tasks.create_task(self._webhook.run()).cancel)
                    lasting.push_async_callback(self._webhook.close)
                watches = (
                    self.injections.watch, self.injections.abort_rule, self.parameters.watch, self._server_watch
                )  # fmt: skip
                backfills = (each.run() for each in self._backfills.values())
                for loop in (self._sample(), *(watch.run() for watch in watches), *backfills):
                    lasting.callback(tasks.create_task(loop).cancel)
            self._lasting = lasting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the nodes. Injections go on to their deadlines; a workload goes on to its end."""
        # The error of the body goes on as it is; the task group would wrap it.
        await self._lasting.__aexit__(None, None, None)

    # The loops

    async def _sample(self) -> None:
        sources, shared = self.sources, Shared()
        load = {
            node.settings.name: (WorkloadSource(node.settings.name, self.workloads.control),)
            for node in self._nodes.nodes
        }
        asked = {name: (*of_node, *load[name]) for name, of_node in self._sources(shared).items()}
        async with Sampler(
            self.catalogue,
            asked,
            self.cluster.interval_s,
            read_by=sources.read_by,
            connections=connections_of(self.cluster.sources),
        ) as sampler:
            sources.on_change(lambda names: sampler.read_from_now(self._sources(Shared(), names), sources.read_by))
            async for frame in sampler:
                self._history.append(frame)
                self._clock_watch.on_tick(frame)
                self.injections.abort_rule.look(frame, self._nodes.statuses())
                if self.recording is not None:
                    self.recording.frame(frame)
                window = self._history.window()
                await self.diagnosis.on_tick(window.without_metrics(sources.unread.hidden(frame.time_s)))
                self._follow_diagnosis(frame)
                notes = sampler.notes()
                for node, of_source in notes.items():
                    self._note_once(node, of_source)
                await self._publish(self._snapshot_of(frame, sampler.failures(), notes))

    def _follow_diagnosis(self, frame: Frame) -> None:
        diagnosis, injections = self.diagnosis.newest, self.injections.watch.known
        self._model_monitor.on_tick(diagnosis, injections, self.diagnosis.model)
        self._incidents.on_tick(frame.time_s, diagnosis, injections, self._model_monitor.hits())
        if self._webhook is not None:
            self._webhook.on_tick(frame.time_s, self._incidents.current, frame.clock_offset_s)

    def _sources(self, shared: Shared, among: Container[str] | None = None) -> dict[str, tuple[Source, ...]]:
        """The sources of each node that are on."""
        return {
            node.settings.name: sources_of(
                node.settings, self.sources.settings, self.catalogue, node.shell, node.database, shared, among
            )
            for node in self._nodes.nodes
        }

    def _snapshot_of(
        self, frame: Frame, troubles: Mapping[tuple[str, str], str], notes: Mapping[str, tuple[str, ...]]
    ) -> Snapshot:
        self._tick += 1
        snapshot = Snapshot(
            tick=self._tick,
            cluster=self.cluster,
            catalogue=self.catalogue,
            nodes=self._nodes.statuses(),
            frame=frame,
            late_s=clock.now_s() - frame.time_s,
            troubles=troubles,
            notes=_of_nodes(self._nodes.statuses(), notes),
            sources=self.sources.statuses(),
            unread=self.sources.unread.hidden(frame.time_s),
            window=self._history.window(),
            injections=self.injections.watch.known,
            compound=self.injections.compound,
            workloads=self.workloads.control.statuses(),
            workload_problems=self.workloads.problems,
            diagnosis=self.diagnosis.newest,
            model=self.diagnosis.model,
            incident=self._incidents.current,
            validation=self._model_monitor.validation,
            recording=self.recording.status() if self.recording else None,
            events=self._journal.newest_first(),
        )
        observation = Observation(
            frame.time_s, snapshot.nodes, snapshot.injections, snapshot.workloads, snapshot.events
        )
        return replace(snapshot, collecting=self.dataset.on_tick(observation))

    # What is told

    def _node_changed(self, status: NodeStatus) -> None:
        if status.state is NodeState.UP:
            self._journal.note("node", f"{status.node} is up", node=status.node, state=status.state.value)
        elif status.state in (NodeState.DEGRADED, NodeState.DOWN):
            text = f"{status.node} is {status.state}: {status.reason}"
            level: Level = "error" if status.state is NodeState.DOWN else "warning"
            self._journal.note("node", text, level=level, node=status.node, state=status.state.value)
        self._note_once(status.node, status.notes)

    def _note_once(self, node: str, notes: Iterable[str]) -> None:
        for note in notes:
            if (node, note) not in self._noted:
                self._noted.add((node, note))
                self._journal.note("node", f"{node}: {note}", level="warning", node=node)


def _of_nodes(statuses: Iterable[NodeStatus], of_sources: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The notes of links and sources by node; only nodes that have some."""
    notes = {status.node: (*status.notes, *of_sources.get(status.node, ())) for status in statuses}
    return {node: found for node, found in notes.items() if found}
