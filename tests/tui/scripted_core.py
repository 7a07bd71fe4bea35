"""A core without a cluster: it publishes canned snapshots, records every call, and answers as a core would.

mypy holds it against `distdiag_tui.core.Core` and `distdiag_core.runtime.operations.Operations`, where a console is
made on it; the rules of plans and of the gate are the real ones. `tests.small_cluster` is another stand-in: a cluster
whose time passes, with a real recording and a real dataset behind it, for what collects cases. Here no time passes and
nothing is recorded, so that a picture of the console is always the same: the two share the protocols, and no code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies import compound, rules
from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState, Plan, Step
from distdiag_core.models import model_registry
from distdiag_core.operations import gate
from distdiag_core.operations.compound_injection import CompoundInjection
from distdiag_core.operations.session_list import SessionList
from distdiag_core.operations.sessions import SessionEnd
from distdiag_core.operations.top_sql import TopSql
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus
from tests.tui.call_log import Call, CallLog
from tests.tui.canned import ANOMALIES, NOW_S, past_runs
from tests.tui.canned_parameters import PARAMETERS
from tests.tui.canned_sessions import SESSION_NOTES, SESSIONS, STATEMENTS
from tests.tui.scripted_sources import ScriptedObdiag, ScriptedSources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.parameters import ParameterReport
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot


class ScriptedCore:
    """A core on the loop of the test.

    Attributes:
        submitted: how many operations were handed to the core's thread.
        log: the calls.
        runtime: the operations.
        stopped: whether the console has stopped it.
    """

    def __init__(self, first: Snapshot) -> None:
        self.finished: Future[None] = Future()
        self.log = CallLog()
        self.submitted = 0
        self.stopped = False
        self.runtime = ScriptedRuntime(first, self.log, self.publish)
        self._listener: Callable[[Snapshot], None] | None = None

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        self._listener = listener
        self.publish(self.runtime.newest)

    def publish(self, snapshot: Snapshot) -> None:
        """Make this the newest tick."""
        assert self._listener is not None
        self.runtime.newest = snapshot
        self._listener(snapshot)

    def submit(self, operation: Callable[[Operations], Any]) -> Future[Any]:
        self.submitted += 1

        async def call() -> Any:  # noqa: ANN401 - whatever the operation returns
            result = operation(self.runtime)
            return await result if isinstance(result, Awaitable) else result

        return asyncio.run_coroutine_threadsafe(call(), asyncio.get_running_loop())

    def stop(self) -> None:
        self.stopped = True
        if not self.finished.done():
            self.finished.set_result(None)


class ScriptedRuntime:
    """Its operations, room by room.

    Attributes:
        newest: the newest tick.
    """

    def __init__(self, first: Snapshot, log: CallLog, publish: Callable[[Snapshot], None]) -> None:
        self.newest = first
        self.recording = None
        self.playback = None
        self.injections = ScriptedInjections(self, log)
        self.workloads = ScriptedWorkloads(self, log)
        self.sessions = ScriptedSessions(self, log)
        self.parameters = ScriptedParameters(log)
        self.obdiag = ScriptedObdiag(log)
        self.sources = ScriptedSources(lambda: self.newest, publish)
        self.dataset = ScriptedDataset(log)
        self.models = ScriptedModels(self, log, publish)
        self.diagnosis = ScriptedDiagnosis(log)

    @property
    def anomalies(self) -> AnomalyCatalogue:
        return ANOMALIES

    @property
    def catalogue(self) -> MetricCatalogue:
        return self.newest.catalogue

    @property
    def cluster(self) -> ClusterSettings:
        return self.newest.cluster

    def snapshot(self) -> Snapshot | None:
        return self.newest

    async def next_snapshot(self) -> Snapshot:
        return self.newest


class ScriptedInjections:
    """Injections, active at once.

    Attributes:
        hold_plan, hold_inject, hold_clear_all: events for which these operations wait, where they are set.
    """

    def __init__(self, runtime: ScriptedRuntime, log: CallLog) -> None:
        self.hold_plan: asyncio.Event | None = None
        self.hold_inject: asyncio.Event | None = None
        self.hold_clear_all: asyncio.Event | None = None
        self._runtime = runtime
        self._log = log

    async def plan(self, request: InjectionRequest) -> Plan:
        self._log.add(Call("injections.plan", request))
        if self.hold_plan is not None:
            await self.hold_plan.wait()
        rules.check_request(request, self._runtime.cluster)
        rules.check_state(request, self._runtime.cluster, ANOMALIES, ())
        command = f"setsid distdiag-lease start {request.anomaly} --severity {request.severity}"
        steps = tuple(
            Step(node, "stress-ng", (command, "stress-ng --cpu 2 --timeout 60s"), ("pkill-in-cgroup distdiag",))
            for node in request.nodes
        )
        return Plan(request, steps, ("n3 is already late",) if "n3" in request.nodes else ())

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        request = plan.request
        self._log.add(Call("injections.inject", request, confirmed))
        gate.check(self._runtime.cluster, "inject", request.nodes, confirmed)
        if self.hold_inject is not None:
            await self.hold_inject.wait()
        active, deadline_s = InjectionState.ACTIVE, NOW_S + 60
        return tuple(
            Injection(f"id-{node}", request.anomaly, node, request.severity, active, NOW_S, deadline_s, "op@jump")
            for node in request.nodes
        )

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        request = compound.complete(request, self._runtime.cluster, ANOMALIES)
        plans = tuple([await self.plan(part.request) for part in request.parts])
        compound.check(request, self._runtime.cluster, ANOMALIES)
        return CompoundPlan(request, plans, "act")

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        async def inject(part: Plan, begin: Callable[[], None]) -> tuple[Injection, ...]:
            begin()
            return await self.inject(part, confirmed)

        # A time that stands still reaches no offset.
        together = tuple(replace(part, offset_s=0.0) for part in plan.request.parts)
        running = CompoundInjection(
            replace(plan, request=replace(plan.request, parts=together)), inject, tell or (lambda _: None)
        )
        await running.run()
        return running.status

    @property
    def compound(self) -> CompoundStatus | None:
        return self._runtime.newest.compound

    async def call_off(self) -> tuple[str, ...]:
        self._log.add(Call("injections.call_off"))
        return ()

    async def active(self) -> tuple[Injection, ...]:
        return self._runtime.newest.injections

    @property
    def unasked(self) -> tuple[str, ...]:
        return ()

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        self._log.add(Call("injections.clear", tuple(ids)))
        return self._cleared(ids)

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        self._log.add(Call("injections.clear_all"))
        if self.hold_clear_all is not None and tell is not None:
            tell("n3 cannot be asked: no answer for 5 s; trying again")
            await self.hold_clear_all.wait()
        return self._cleared([injection.id for injection in self._runtime.newest.injections])

    def _cleared(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        known = self._runtime.newest.injections
        return tuple(replace(each, state=InjectionState.CLEARED) for each in known if each.id in ids)


class ScriptedWorkloads:
    """Benchmarks that need no time."""

    def __init__(self, runtime: ScriptedRuntime, log: CallLog) -> None:
        self._runtime = runtime
        self._log = log

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._log.add(Call("workloads.prepare", request, confirmed))
        gate.check(self._runtime.cluster, "prepare workload", request.nodes, confirmed)
        return WorkloadStatus(request, WorkloadState.PREPARED)

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._log.add(Call("workloads.start", request, confirmed))
        gate.check(self._runtime.cluster, "start workload", request.nodes, confirmed)
        return WorkloadStatus(request, WorkloadState.RUNNING)

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        self._log.add(Call("workloads.stop", None if ids is None else tuple(ids)))
        return (WorkloadStatus(WorkloadRequest(), WorkloadState.PREPARED),)

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        self._log.add(Call("workloads.cleanup", request, confirmed))
        gate.check(self._runtime.cluster, "clean up workload", request.nodes, confirmed)
        return WorkloadStatus(request, WorkloadState.ABSENT)

    async def look_for_tables(self) -> None:
        """No database is there."""

    async def history(self) -> tuple[RunWithInjections, ...]:
        return past_runs()


class ScriptedSessions:
    """Sessions of every node; one that is killed is gone."""

    def __init__(self, runtime: ScriptedRuntime, log: CallLog) -> None:
        self._runtime = runtime
        self._log = log
        self._killed: set[int] = set()

    async def listed(self, node: str) -> SessionList:
        self._log.add(Call("sessions.listed", node))
        left = tuple(each for each in SESSIONS if each.id not in self._killed)
        return SessionList(node, left, SESSION_NOTES)

    async def top_sql(self, node: str) -> TopSql:
        self._log.add(Call("sessions.top_sql", node))
        return TopSql(node, STATEMENTS)

    async def kill(
        self, node: str, number: int, *, user: str = "", client: str = "", confirmed: str = ""
    ) -> SessionEnd:
        self._log.add(Call("sessions.kill", (node, number), confirmed))
        gate.check(self._runtime.cluster, "kill session", (node,), confirmed)
        self._killed.add(number)
        return SessionEnd(next(each for each in SESSIONS if each.id == number), gone=True)


class ScriptedParameters:
    """Parameters of three nodes, one of which differs."""

    def __init__(self, log: CallLog) -> None:
        self._log = log

    async def report(self) -> ParameterReport:
        self._log.add(Call("parameters.report"))
        return PARAMETERS


class ScriptedDataset:
    """Switches without a collector."""

    def __init__(self, log: CallLog) -> None:
        self._log = log

    def collect_normal(self, *, on: bool) -> None:
        self._log.add(Call("dataset.collect_normal", on))

    def collect_anomalies(self, *, on: bool) -> None:
        self._log.add(Call("dataset.collect_anomalies", on))


class ScriptedModels:
    """The real registry; the next tick has the model that was chosen."""

    def __init__(self, runtime: ScriptedRuntime, log: CallLog, publish: Callable[[Snapshot], None]) -> None:
        self._runtime = runtime
        self._log = log
        self._publish = publish

    async def use(self, name: str) -> ModelStatus:
        self._log.add(Call("models.use", name))
        status = model_registry.status(model_registry.load(name), self._runtime.catalogue.names)
        model_registry.use(name)
        newest = self._runtime.newest
        self._publish(replace(newest, tick=newest.tick + 1, model=status))
        return status


class ScriptedDiagnosis:
    """A baseline that is reset without effect."""

    def __init__(self, log: CallLog) -> None:
        self._log = log

    def reset_baseline(self) -> None:
        self._log.add(Call("diagnosis.reset_baseline"))
