"""A core that plays canned snapshots and writes down the verbs that it is asked for: a test feed, no cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue, Category, Method
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan, Step
from distdiag_core.models import model_registry
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus
from tests.tui.canned import NOW_S, past_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.runtime.snapshot import Snapshot

T = TypeVar("T")

_SEVERITIES: dict[str, dict[str, float | int | str]] = {"low": {}, "medium": {}, "high": {}}


def _anomaly(name: str, label: str, what: str, category: Category, **more: Any) -> Anomaly:  # noqa: ANN401
    return Anomaly(name, label, what, category, (Method("stress-ng", check=("true",)),), _SEVERITIES, **more)


ANOMALIES = AnomalyCatalogue(
    (
        _anomaly("cpu_stress", "CPU stress", "Busy programs take the processor from the database.", "cpu"),
        _anomaly("memory_stress", "Memory stress", "A program takes the memory that is free.", "memory"),
        _anomaly("io_stress", "I/O stress", "The disk of the node is slowed down.", "io"),
        _anomaly("network_bandwidth", "Network bandwidth", "Few bytes leave the node.", "network", cuts_off=True),
        _anomaly("network_delay", "Network delay", "Packets of the node are held back.", "network", cuts_off=True),
        _anomaly("network_loss", "Network loss", "Packets of the node are lost.", "network", cuts_off=True),
        _anomaly("cache_bottleneck", "Cache bottleneck", "The memstore is made small.", "database"),
        _anomaly("lock_contention", "Lock contention", "A client holds hot rows.", "database"),
        _anomaly("node_down", "Node down", "The observer is killed, and started again at the end.", "database",
                 cuts_off=True, off_by_default=True),
        _anomaly("node_hang", "Node hang", "The observer is stopped, and goes on at the end.", "database",
                 cuts_off=True, off_by_default=True),
        _anomaly("slow_query", "Slow query", "A badly written query is run over and over.", "workload"),
        _anomaly("too_many_indexes", "Too many indexes", "Indexes are added to the tables.", "workload"),
        _anomaly("workload_overload", "Workload overload", "Many more clients than usual.", "workload",
                 scope="cluster"),
    )
)  # fmt: skip


class ScriptedCore:
    """Implements `distdiag_tui.core.Core` and `Verbs`; runs verbs on the loop of the test."""

    def __init__(self, first: Snapshot) -> None:
        self.finished: Future[None] = Future()
        self.asked: list[tuple[str, Any]] = []
        self.failure: Exception | None = None
        self.stopped = False
        self.recording = None
        self.silent: asyncio.Event | None = None
        self.held: asyncio.Event | None = None
        self.thinks: asyncio.Event | None = None
        self._first = first
        self._listener: Callable[[Snapshot], None] | None = None

    @property
    def runtime(self) -> ScriptedCore:
        return self

    @property
    def anomalies(self) -> AnomalyCatalogue:
        return ANOMALIES

    @property
    def catalogue(self) -> MetricCatalogue:
        return self._first.catalogue

    @property
    def cluster(self) -> ClusterSettings:
        return self._first.cluster

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        self._listener = listener
        listener(self._first)

    def publish(self, snapshot: Snapshot) -> None:
        """The next tick."""
        assert self._listener is not None
        self._listener(snapshot)

    def submit(self, operation: Callable[[ScriptedCore], Any]) -> Future[Any]:
        async def call() -> Any:  # noqa: ANN401
            result = operation(self)
            return await result if isinstance(result, Awaitable) else result

        return asyncio.run_coroutine_threadsafe(call(), asyncio.get_running_loop())

    def stop(self) -> None:
        self.stopped = True
        if not self.finished.done():
            self.finished.set_result(None)

    @property
    def injections(self) -> ScriptedCore:
        return self

    @property
    def dataset(self) -> ScriptedCore:
        return self

    @property
    def diagnosis(self) -> ScriptedCore:
        return self

    @property
    def models(self) -> ScriptedCore:
        return self

    @property
    def workloads(self) -> ScriptedWorkloads:
        return ScriptedWorkloads(self)

    def snapshot(self) -> Snapshot | None:
        return self._first

    async def next_snapshot(self) -> Snapshot:
        return self._first

    async def active(self) -> tuple[Injection, ...]:
        return self._first.injections

    @property
    def unasked(self) -> tuple[str, ...]:
        return ()

    async def plan(self, request: InjectionRequest) -> Plan:
        self.note("plan", request)
        if self.thinks is not None:
            await self.thinks.wait()
        rules.check_request(request, self.cluster)
        rules.check_state(request, self.cluster, ANOMALIES, ())
        command = f"setsid distdiag-lease start {request.anomaly} --severity {request.severity}"
        steps = tuple(
            Step(node, "stress-ng", (command, "stress-ng --cpu 2 --timeout 60s"), ("pkill-in-cgroup distdiag",))
            for node in request.nodes
        )
        return Plan(request, steps, ("n3 is already late",) if "n3" in request.nodes else ())

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        self.note("inject", plan.request)
        if self.held is not None:
            await self.held.wait()
        request = plan.request
        return tuple(
            Injection(
                f"id-{node}",
                request.anomaly,
                node,
                request.severity,
                InjectionState.ACTIVE,
                NOW_S,
                NOW_S + 60,
                "op@jump",
            )
            for node in request.nodes
        )

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        self.note("clear", tuple(ids))
        return tuple(self._cleared(injection) for injection in self._first.injections if injection.id in ids)

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        self.note("clear_all", None)
        if self.silent is not None and tell is not None:
            tell("n3 cannot be asked: no answer for 5 s; trying again")
            await self.silent.wait()
        return tuple(self._cleared(injection) for injection in self._first.injections)

    def collect_normal(self, *, on: bool) -> None:
        self.note("collect_normal", on)

    def collect_anomalies(self, *, on: bool) -> None:
        self.note("collect_anomalies", on)

    async def use(self, name: str) -> ModelStatus:
        """The model that there really is, in the next tick."""
        self.note("use_model", name)
        status = model_registry.status(model_registry.load(name), self.catalogue.names)
        model_registry.use(name)
        self._first = replace(self._first, tick=self._first.tick + 1, model=status)
        self.publish(self._first)
        return status

    def reset_baseline(self) -> None:
        self.note("reset_baseline", None)

    def verbs(self) -> list[str]:
        """What was asked for, plans left out."""
        return [verb for verb, _ in self.asked if verb != "plan"]

    @staticmethod
    def _cleared(injection: Injection) -> Injection:
        return replace(injection, state=InjectionState.CLEARED)

    def note(self, verb: str, argument: object) -> None:
        self.asked.append((verb, argument))
        if self.failure is not None and verb != "plan":
            raise self.failure


class ScriptedWorkloads:
    """Its benchmarks."""

    def __init__(self, core: ScriptedCore) -> None:
        self._core = core

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._core.note("prepare_workload", request)
        return WorkloadStatus(request, WorkloadState.PREPARED)

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._core.note("start_workload", request)
        return WorkloadStatus(request, WorkloadState.RUNNING)

    async def history(self) -> tuple[RunWithInjections, ...]:
        return past_runs()

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        self._core.note("stop_workload", ids)
        return (WorkloadStatus(WorkloadRequest(), WorkloadState.PREPARED),)

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._core.note("cleanup_workload", request)
        return WorkloadStatus(request, WorkloadState.ABSENT)
