"""A core whose figures and diagnoses are made up, at the pace of a running cluster."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.incidents.tracker import IncidentTracker
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.clock import now_s
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.models.model_registry import ModelStatus
from distdiag_core.recording.events import Event
from distdiag_core.runtime.core_without_cluster import CoreWithoutCluster
from distdiag_core.runtime.refused_operations import Refusal, RefusedDiagnosis, RefusedModels
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.simulation.figures import Figures
from distdiag_core.simulation.known_diagnosis import ANOMALIES, diagnose
from distdiag_core.simulation.schedule import CYCLE_TICKS, Schedule

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.simulation.request import SimulationRequest

_HISTORY_TICKS = 600
# Charts begin with a past, of whole cycles and at most so many figures.
_PAST_TICKS, _PAST_FIGURES = 360, 8_000_000
_ZONES, _EVENTS_AT_MOST = 3, 200
_UP = Link(LinkState.UP)


class Simulation(CoreWithoutCluster):
    """A simulated cluster as a core; it ticks for as long as the context lasts.

    Attributes:
        models, diagnosis: refuse whatever would change something.
        playback: None, since no recording is replayed.
    """

    def __init__(self, request: SimulationRequest) -> None:
        refuse = Refusal("a simulated cluster")
        super().__init__(refuse)
        self.anomalies = anomaly_catalogue.load()
        self.cluster = settings(request)
        self.catalogue = metric_catalogue.load().of(self.cluster.sources)
        self.playback = None
        self.models = RefusedModels(refuse)
        self.diagnosis = RefusedDiagnosis(refuse)
        names = tuple(node.name for node in self.cluster.nodes)
        self._nodes = tuple(NodeStatus(node.name, node.zone, _UP, _UP) for node in self.cluster.nodes)
        self._schedule = Schedule(request.nodes, request.seed)
        self._figures = Figures(request.nodes, request.seed, self.catalogue, self._schedule)
        self._history = History(names, self.catalogue.names, _HISTORY_TICKS)
        self._model = ModelStatus("simulated", ANOMALIES)
        self._incidents = IncidentTracker()
        self._events: tuple[Event, ...] = ()
        self._named: frozenset[tuple[str, str]] = frozenset()
        self._start_s = 0.0

    async def __aenter__(self) -> Self:
        """Begin to tick."""
        async with AsyncExitStack() as lasting:
            tasks = await lasting.enter_async_context(asyncio.TaskGroup())
            lasting.callback(tasks.create_task(self._run()).cancel)
            self._lasting = lasting.pop_all()
        return self

    async def _run(self) -> None:
        loop, interval_s = asyncio.get_running_loop(), self.cluster.interval_s
        first = self._past_ticks()
        self._start_s = now_s() - first * interval_s
        for tick in range(first):
            self._append(tick)
            # The console may paint meanwhile, and leave.
            await asyncio.sleep(0)
        due_s, tick = loop.time(), first
        while True:
            await self._publish(self._snapshot_of(tick))
            tick, due_s = tick + 1, due_s + interval_s
            await asyncio.sleep(due_s - loop.time())

    def _past_ticks(self) -> int:
        most = _PAST_FIGURES // (len(self._nodes) * len(self.catalogue.metrics))
        return max(CYCLE_TICKS, min(_PAST_TICKS, most) // CYCLE_TICKS * CYCLE_TICKS)

    def _time_s(self, tick: int) -> float:
        return self._start_s + tick * self.cluster.interval_s

    def _append(self, tick: int) -> Frame:
        nodes = tuple(status.node for status in self._nodes)
        frame = Frame(self._time_s(tick), nodes, self.catalogue.names, self._figures.at(tick))
        self._history.append(frame)
        return frame

    def _snapshot_of(self, tick: int) -> Snapshot:
        frame, window = self._append(tick), self._history.window()
        diagnosis = diagnose(window, tick, self._schedule.active(tick), self._time_s)
        self._incidents.on_tick(frame.time_s, diagnosis)
        self._note(diagnosis)
        return Snapshot(
            tick=tick + 1,
            cluster=self.cluster,
            catalogue=self.catalogue,
            nodes=self._nodes,
            frame=frame,
            window=window,
            diagnosis=diagnosis,
            model=self._model,
            incident=self._incidents.current,
            events=self._events,
            simulated=True,
        )

    def _note(self, diagnosis: Diagnosis) -> None:
        """An event for each root cause that has begun or ended."""
        named = frozenset((each.node, each.anomaly) for each in diagnosis.root_causes if each.onset_s is not None)
        begun = [(place, "suffers from", "warning") for place in sorted(named - self._named)]
        ended = [(place, "no longer suffers from", "info") for place in sorted(self._named - named)]
        events = [
            Event(
                diagnosis.time_s,
                "diagnosis",
                f"{node} {what} {self.anomalies.label(anomaly)}",
                "warning" if level == "warning" else "info",
                node,
            )
            for (node, anomaly), what, level in begun + ended
        ]
        self._events = (*events, *self._events)[:_EVENTS_AT_MOST]
        self._named = named


def settings(request: SimulationRequest) -> ClusterSettings:
    """The settings of a simulated cluster: nothing of it can be reached."""
    nodes = tuple(
        NodeSettings(f"n{number}", "simulated", f"zone{1 + (number - 1) % _ZONES}")
        for number in range(1, request.nodes + 1)
    )
    return ClusterSettings(f"sim-{request.nodes}", nodes, read_only=True)
