"""A stand-in for a running core: a cluster in memory, whose time passes as fast as it is asked for.

It has real parts behind it: a recording on the disk, the collector and the writer of the dataset. Only the nodes, their
clients and the clock are made up, and can be made to misbehave.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan, Step
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.collecting.collector import Collector
from distdiag_core.collecting.dataset_writer import DatasetWriter
from distdiag_core.collecting.unfinished_cases import UnfinishedCases
from distdiag_core.dataset.building.case_builder import CaseBuilder
from distdiag_core.dataset.building.observation import Observation
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.collecting_settings import CollectingSettings
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.operations import gate
from distdiag_core.operations.compound_injection import CompoundInjection
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadFigures, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from distdiag_core.anomalies.injection import Severity
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.dataset.case import Case
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.run_history import RunWithInjections

NODES = ("n1", "n2", "n3")
ANOMALIES = ("cpu_stress", "io_stress")
START_S = 1_800_000_000.0
WITHIN_S = 20.0
_UP, _DOWN = Link(LinkState.UP), Link(LinkState.DOWN, "connection refused")
_NAMES = (*(f"host.{anomaly}" for anomaly in ANOMALIES), "host.threads", "workload.tps", "workload.p95", "host.tick")
_METRICS = MetricCatalogue(tuple(Metric(name, name, "", "gauge", "cpu", "host", name) for name in _NAMES))
# The backlog of the recorder holds 300 rows, and here a tick takes no time.
_FLUSH_EVERY = 100
# A disk that refuses is not waited for longer than this.
_FLUSH_S = 1.0


@dataclass
class SmallCluster:
    """Has a metric per anomaly, 1 where it is active, one for the threads of the load, and one that counts the ticks.

    Args:
        directory: holds the recordings, the notes of unfinished cases and the dataset.
        recorded: False for a core that records nothing.

    Attributes:
        tps: what the clients of every node get done.
        injecting_ticks, clearing_ticks: from the first effect to the proof that it is there, or gone.
        refuse: called with every injection before it begins; may raise.
        on_tick: called with the number of every tick; may change anything.
        down, degraded: nodes that cannot be reached, and whose database cannot.
        silent: nodes that do not say what is on them.
        injected: what is on the nodes, by id.
        planned: the requests that were planned, in order.
        log: what was done, in order.
    """

    directory: Path
    recorded: bool = True
    start_s: float = START_S
    tps: float = 100.0
    injecting_ticks: int = 3
    clearing_ticks: int = 2
    refuse: Callable[[InjectionRequest], None] = lambda _: None
    on_tick: Callable[[int], None] = lambda _: None
    down: set[str] = field(default_factory=set)
    degraded: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    injected: dict[str, Injection] = field(default_factory=dict)
    planned: list[InjectionRequest] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        nodes = tuple(NodeSettings(name, "127.0.0.1") for name in NODES)
        collecting = CollectingSettings(before_s=10, after_s=8, recovery_s=3, settle_s=5)
        self.cluster = ClusterSettings(
            "small", nodes, read_only=False, sections=(collecting, Protection(max_duration_s=20_000))
        )
        self.anomalies = catalogue.load()
        self.recording = Recorder(self.cluster, _METRICS, self.directory / "recordings") if self.recorded else None
        self.journal = Journal(self.recording.event if self.recording else None)
        builder = None
        if self.recording is not None:
            builder = CaseBuilder(self.recording.path, partial(self.recording.flush, _FLUSH_S))
        self.unfinished = UnfinishedCases(
            self.directory / "collecting", self.cluster.name, builder.path if builder else None
        )
        self.writer = DatasetWriter(self.cases_dir, builder, self.unfinished, self.journal, 30.0)
        self.dataset = Collector(self.cluster, self.anomalies, self.journal, self.writer)
        self.injections = SmallInjections(self)
        self.workloads = SmallWorkloads(self)
        self.workload: WorkloadStatus | None = None
        self.ticks = 0
        self.now_s = self.start_s
        self._history = History(NODES, _METRICS.names, 600)
        self._newest: Snapshot | None = None
        self._ids = 0

    @property
    def cases_dir(self) -> Path:
        """The dataset."""
        return self.directory / "cases"

    def __enter__(self) -> Self:
        """Begin to record."""
        if self.recording is not None:
            self.recording.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the rest of the recording."""
        if self.recording is not None:
            self.recording.__exit__(kind, error, trace)

    # Time

    def tick(self, times: int = 1) -> CollectingStatus:
        """Let time pass."""
        for _ in range(times):
            self.ticks += 1
            self.on_tick(self.ticks)
            self.now_s = self.start_s + self.ticks
            frame = Frame(self.now_s, NODES, _METRICS.names, self._values())
            self._history.append(frame)
            if self.recording is not None:
                self.recording.frame(frame)
                if self.ticks % _FLUSH_EVERY == 0:
                    self.recording.flush()
            seen = self._snapshot(frame)
            status = self.dataset.on_tick(
                Observation(self.now_s, seen.nodes, seen.injections, seen.workloads, seen.events)
            )
            self._newest = replace(seen, collecting=status)
        return status

    def snapshot(self) -> Snapshot | None:
        return self._newest

    async def next_snapshot(self) -> Snapshot:
        await asyncio.sleep(0)
        self.tick()
        assert self._newest is not None
        return self._newest

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let other tasks go on until the condition holds."""
        async with asyncio.timeout(WITHIN_S):
            while not condition():  # noqa: ASYNC110 - what changes it has no event
                await asyncio.sleep(0.001)

    # The nodes

    def begin(
        self, name: str, anomaly: str = "cpu_stress", node: str = "n2", for_s: float = 600, owner: str = "me@here"
    ) -> Injection:
        """Put an injection on a node, behind the back of the core."""
        severity: Severity = "high"
        state = InjectionState.ACTIVE
        injection = Injection(name, anomaly, node, severity, state, self.now_s, self.now_s + for_s, owner)
        self.injected[name] = injection
        return injection

    def load(self, threads: int) -> None:
        """Have clients on every node, so many each."""
        request = WorkloadRequest(nodes=NODES, threads=threads)
        figures = dict.fromkeys(NODES, WorkloadFigures(self.tps, 2000.0, 20.0, 0.0, threads))
        self.workload = WorkloadStatus(request, WorkloadState.RUNNING, figures=figures)

    def _values(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        active = {(injection.node, injection.anomaly) for injection in self.injected.values()}
        threads = self.workload.request.threads if self.workload else 0
        measured = (self.tps, 20.0) if self.workload else (math.nan, math.nan)
        rows = [[*((node, name) in active for name in ANOMALIES), threads, *measured, self.ticks] for node in NODES]
        return np.array(rows, dtype=np.float32)

    def _snapshot(self, frame: Frame) -> Snapshot:
        links = dict.fromkeys(NODES, (_UP, _UP))
        links |= dict.fromkeys(self.down, (_DOWN, _DOWN)) | dict.fromkeys(self.degraded, (_UP, _DOWN))
        return Snapshot(
            self.ticks,
            self.cluster,
            _METRICS,
            tuple(NodeStatus(name, "", *links[name]) for name in NODES),
            frame,
            self._history.window(),
            injections=tuple(self.injected.values()),
            workloads=(self.workload,) if self.workload else (),
            # The clock of events is the real one.
            events=tuple(replace(each, time_s=self.now_s) for each in self.journal.newest_first()[:1]),
        )

    # The dataset

    async def written(self, *, excluded: bool = False) -> tuple[Case, ...]:
        """The dataset, once all that ended is written."""
        await self.write_all()
        return case_directory.read_all(self.cases_dir, excluded=excluded)

    async def write_all(self) -> None:
        """Let the writer finish."""
        self.writer.close()
        await self.writer.run()

    # The operations

    def next_id(self) -> str:
        """An id that was not used yet."""
        self._ids += 1
        return f"i{self._ids}"

    async def wait_ticks(self, ticks: int) -> None:
        """Let time pass, and other tasks go on meanwhile."""
        for _ in range(ticks):
            await self.next_snapshot()


class SmallInjections:
    """Its injections: active at once, proved after some ticks."""

    def __init__(self, cluster: SmallCluster) -> None:
        self._cluster = cluster
        self._act: CompoundInjection | None = None

    async def plan(self, request: InjectionRequest) -> Plan:
        self._cluster.planned.append(request)
        return Plan(request, tuple(Step(node, "ssh", (), (), self._cluster.next_id()) for node in request.nodes))

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        request, cluster = plan.request, self._cluster
        gate.check(cluster.cluster, "inject", request.nodes, confirmed)
        async with cluster.dataset.injecting(plan):
            cluster.refuse(request)
            began = [cluster.begin(step.id, request.anomaly, step.node, request.duration_s) for step in plan.steps]
            cluster.log.append(f"inject {request.anomaly} on {','.join(request.nodes)}")
            await cluster.wait_ticks(cluster.injecting_ticks)
        return tuple(began)

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        plans = [await self.plan(part.request) for part in request.parts]
        return CompoundPlan(request, tuple(plans), self._cluster.next_id())

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        async def inject(part: Plan, begin: Callable[[], None]) -> tuple[Injection, ...]:
            begin()
            return await self.inject(part, confirmed)

        self._act = CompoundInjection(plan, inject, tell or self._cluster.log.append, lambda: self._cluster.now_s)
        await self._act.run()
        return self._act.status

    async def call_off(self) -> tuple[str, ...]:
        return self._act.call_off() if self._act is not None else ()

    @property
    def compound(self) -> CompoundStatus | None:
        return self._act.observe(self._cluster.injected.values()) if self._act is not None else None

    async def active(self) -> tuple[Injection, ...]:
        return tuple(each for each in self._cluster.injected.values() if each.node not in self._cluster.silent)

    @property
    def unasked(self) -> tuple[str, ...]:
        return tuple(f"{node} cannot be asked: connection refused" for node in sorted(self._cluster.silent))

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        cluster = self._cluster
        cluster.dataset.clearing(ids)
        cluster.log.append(f"clear {len(ids)}")
        await cluster.wait_ticks(cluster.clearing_ticks - 1)
        ended = [cluster.injected.pop(each) for each in ids]
        await cluster.wait_ticks(1)
        return tuple(replace(injection, state=InjectionState.CLEARED) for injection in ended)

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        self._cluster.dataset.clearing_all()
        return await self.clear(tuple(self._cluster.injected))


class SmallWorkloads:
    """Its benchmarks, which need no time."""

    def __init__(self, cluster: SmallCluster) -> None:
        self._cluster = cluster

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        gate.check(self._cluster.cluster, "prepare workload", request.nodes, confirmed)
        self._cluster.log.append(f"prepare {request.kind}")
        return WorkloadStatus(request, WorkloadState.PREPARED)

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._cluster.log.append(f"clean up {request.kind}")
        return WorkloadStatus(request, WorkloadState.ABSENT)

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        gate.check(self._cluster.cluster, "start workload", request.nodes, confirmed)
        self._cluster.log.append(f"start {request.script} {request.threads}")
        figures = dict.fromkeys(request.nodes, WorkloadFigures(100.0, 2000.0, 20.0, 0.0, request.threads))
        self._cluster.workload = WorkloadStatus(request, WorkloadState.RUNNING, figures=figures)
        return self._cluster.workload

    async def stop(self, ids: Sequence[str] | None = None) -> Sequence[WorkloadStatus]:
        self._cluster.log.append("stop")
        self._cluster.workload = None
        return ()

    async def look_for_tables(self) -> None:
        """No database is there."""

    async def history(self) -> tuple[RunWithInjections, ...]:
        return ()
