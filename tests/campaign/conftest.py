"""A cluster in memory, whose time passes as fast as it is asked for, and which can be made to misbehave."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.workloads.workload_status import WorkloadFigures, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.operations.run_history import Past
    from distdiag_core.workloads.workload_request import WorkloadRequest

NODES = ("n1", "n2", "n3")
ANOMALIES = ("cpu_stress", "io_stress")
_UP = Link(LinkState.UP)


@dataclass
class SmallCluster:
    """Has one metric per anomaly, 1 where it is active, and one for the threads of the load.

    Attributes:
        tps: what the clients of every node get done.
        injecting_ticks, clearing_ticks: from the first effect to the proof that it is there, or gone.
        refuse: told every injection before it begins; may raise.
        on_tick: told the number of every tick; may change anything.
        silent: nodes that do not say what is on them.
        planned: what was asked to be planned, in order.
        log: what was done, in order.
    """

    tps: float = 100.0
    injecting_ticks: int = 3
    clearing_ticks: int = 2
    refuse: Callable[[InjectionRequest], None] = lambda _: None
    on_tick: Callable[[int], None] = lambda _: None
    down: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    injected: dict[str, Injection] = field(default_factory=dict)
    planned: list[InjectionRequest] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        nodes = tuple(NodeSettings(name, "127.0.0.1") for name in NODES)
        self.settings = ClusterSettings("small", nodes, read_only=False)
        self.anomalies = catalogue.load()
        names = (*(f"host.{anomaly}" for anomaly in ANOMALIES), "host.threads", "workload.tps", "workload.p95")
        self.catalogue = MetricCatalogue(
            tuple(Metric(name, name, "", "gauge", "cpu", "host", name) for name in names),
        )
        self.workload: WorkloadStatus | None = None
        self.tick = 0
        self._history = History(NODES, self.catalogue.names, 600)
        self._newest: Snapshot | None = None
        self._ids = 0

    def snapshot(self) -> Snapshot | None:
        return self._newest

    async def next_snapshot(self) -> Snapshot:
        await asyncio.sleep(0)
        self.tick += 1
        self.on_tick(self.tick)
        frame = Frame(1_800_000_000.0 + self.tick, NODES, self.catalogue.names, self._figures())
        self._history.append(frame)
        down = Link(LinkState.DOWN, "connection refused")
        self._newest = Snapshot(
            self.tick,
            self.settings,
            self.catalogue,
            tuple(NodeStatus(name, "", *((down, down) if name in self.down else (_UP, _UP))) for name in NODES),
            frame,
            self._history.window(),
            workloads=(self.workload,) if self.workload else (),
        )
        return self._newest

    async def plan(self, request: InjectionRequest) -> Plan:
        self.planned.append(request)
        return Plan(request, ())

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        request = plan.request
        self.refuse(request)
        began = [self.begin(request.anomaly, node) for node in request.nodes]
        self.log.append(f"inject {request.anomaly} on {','.join(request.nodes)}")
        await self._pass(self.injecting_ticks)
        return tuple(began)

    def begin(self, anomaly: str, node: str, owner: str = "me@here") -> Injection:
        self._ids += 1
        injection = Injection(f"i{self._ids}", anomaly, node, "high", InjectionState.ACTIVE, 0.0, 0.0, owner)
        self.injected[injection.id] = injection
        return injection

    async def active(self) -> tuple[Injection, ...]:
        return tuple(injection for injection in self.injected.values() if injection.node not in self.silent)

    @property
    def unasked(self) -> tuple[str, ...]:
        return tuple(f"{node} cannot be asked: connection refused" for node in sorted(self.silent))

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        self.log.append(f"clear {len(ids)}")
        await self._pass(self.clearing_ticks - 1)
        ended = [self.injected.pop(each) for each in ids]
        await self._pass(1)
        return tuple(replace(injection, state=InjectionState.CLEARED) for injection in ended)

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        return await self.clear(tuple(self.injected))

    @property
    def injections(self) -> SmallCluster:
        return self

    @property
    def workloads(self) -> SmallWorkloads:
        return SmallWorkloads(self)

    async def _pass(self, ticks: int) -> None:
        for _ in range(ticks):
            await self.next_snapshot()

    def _figures(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        active = {(injection.node, injection.anomaly) for injection in self.injected.values()}
        threads = self.workload.request.threads if self.workload else 0
        measured = (self.tps, 20.0) if self.workload else (math.nan, math.nan)
        return np.array(
            [[*((node, anomaly) in active for anomaly in ANOMALIES), threads, *measured] for node in NODES],
            dtype=np.float32,
        )


class SmallWorkloads:
    """Its benchmarks, which need no time."""

    def __init__(self, cluster: SmallCluster) -> None:
        self._cluster = cluster

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._cluster.log.append(f"prepare {request.kind}")
        return WorkloadStatus(request, WorkloadState.PREPARED)

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._cluster.log.append(f"clean up {request.kind}")
        return WorkloadStatus(request, WorkloadState.ABSENT)

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._cluster.log.append(f"start {request.script} {request.threads}")
        figures = dict.fromkeys(request.nodes, WorkloadFigures(100.0, 2000.0, 20.0, 0.0, request.threads))
        self._cluster.workload = WorkloadStatus(request, WorkloadState.RUNNING, figures=figures)
        return self._cluster.workload

    async def stop(self, ids: Sequence[str] | None = None) -> Sequence[WorkloadStatus]:
        self._cluster.log.append("stop")
        self._cluster.workload = None
        return ()

    async def history(self) -> tuple[Past, ...]:
        return ()


@pytest.fixture
def cluster() -> SmallCluster:
    return SmallCluster()
