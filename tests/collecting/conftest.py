"""A console's ticks, as fast as they are asked for, and a collector that learns from them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies.catalogue import AnomalyCatalogue
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan, Step
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.collecting.collector import Collector
from distdiag_core.collecting.keeper import Keeper
from distdiag_core.collecting.notes import Notes
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.collecting_settings import CollectingSettings
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.dataset.case import Case

NODES = ("n1", "n2", "n3")
START_S = 1_800_000_000.0
_UP, _DOWN = Link(LinkState.UP), Link(LinkState.DOWN, "connection refused")
_METRICS = MetricCatalogue((Metric("host.tick", "tick", "", "gauge", "cpu", "host", "tick"),))


@dataclass
class Console:
    """What a console sees, in the hands of a test.

    Attributes:
        listed: what the nodes say is on them.
        down, degraded: nodes that cannot be reached, and whose database cannot.
        recorded: its ticks are written to a recording, for as long as its `recorder` lasts.
    """

    directory: Path
    listed: dict[str, Injection] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    degraded: set[str] = field(default_factory=set)
    threads: int = 4
    recorded: bool = False
    start_s: float = START_S

    def __post_init__(self) -> None:
        collecting = CollectingSettings(before_s=10, after_s=8, recovery_s=3, settle_s=5)
        nodes = tuple(NodeSettings(name, "127.0.0.1") for name in NODES)
        self.cluster = ClusterSettings("small", nodes, sections=(collecting,))
        self.journal = Journal()
        recordings = self.directory.parent / "recordings"
        self.recorder = Recorder(self.cluster, _METRICS, recordings) if self.recorded else None
        path = self.recorder.status().path if self.recorder else ""
        notes = Notes(self.directory.parent / "collecting", self.cluster.name, path)
        self.keeper = Keeper(self.directory, notes, self.journal, 30.0)
        self.collector = Collector(self.cluster, AnomalyCatalogue(()), self.journal, self.keeper)
        self.now_s = self.start_s
        self._history = History(NODES, _METRICS.names, 600)
        self._tick = 0

    def tick(self, times: int = 1) -> CollectingStatus:
        """Let time pass."""
        for _ in range(times):
            self._tick += 1
            self.now_s = self.start_s + self._tick
            figures = np.full((len(NODES), 1), self._tick, dtype=np.float32)
            frame = Frame(self.now_s, NODES, _METRICS.names, figures)
            self._history.append(frame)
            if self.recorder is not None:
                self.recorder.frame(frame)
            status = self.collector.look(self._snapshot(frame))
        return status

    def begin(self, name: str, anomaly: str = "cpu_stress", node: str = "n2", for_s: float = 60) -> None:
        """Put it on the node."""
        deadline_s = self.now_s + for_s
        state = InjectionState.ACTIVE
        self.listed[name] = Injection(name, anomaly, node, "high", state, self.now_s, deadline_s, "me@here")

    async def inject(self, name: str, anomaly: str = "cpu_stress", node: str = "n2", for_s: float = 60) -> None:
        """As the runtime does it, proved after two ticks."""
        plan = Plan(InjectionRequest(anomaly, (node,), "high", for_s), (Step(node, "ssh", (), (), name),))
        async with self.collector.injecting(plan):
            self.begin(name, anomaly, node, for_s)
            self.tick(2)
        self.tick()

    async def turn(self) -> None:
        """Let what was let through have its turn."""
        for _ in range(5):
            await asyncio.sleep(0)

    def clear(self, name: str) -> None:
        """As the runtime does it; gone after two ticks."""
        self.collector.clearing([name])
        self.tick(2)
        del self.listed[name]

    async def written(self, **changes: bool) -> tuple[Case, ...]:
        """What is in the dataset once all is written."""
        await self.keeper_catches_up()
        return case_directory.read_all(self.directory, **changes)

    async def keeper_catches_up(self) -> None:
        """Let what waits be written."""
        self.keeper.close()
        await self.keeper.run()

    def _snapshot(self, frame: Frame) -> Snapshot:
        request = WorkloadRequest(nodes=NODES, threads=self.threads)
        running = WorkloadStatus(request, WorkloadState.RUNNING)
        links = dict.fromkeys(NODES, (_UP, _UP))
        links |= dict.fromkeys(self.down, (_DOWN, _DOWN)) | dict.fromkeys(self.degraded, (_UP, _DOWN))
        nodes = tuple(NodeStatus(name, "", *links[name]) for name in NODES)
        return Snapshot(
            self._tick,
            self.cluster,
            _METRICS,
            nodes,
            frame,
            self._history.window(),
            injections=tuple(self.listed.values()),
            workloads=(running,),
            events=tuple(replace(each, time_s=self.now_s) for each in self.journal.newest_first()[:1]),
        )


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "cases")
