"""Operations on injections, each with an event in the journal and a record in the audit log."""

from __future__ import annotations

import asyncio
import itertools
import math
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

from distdiag_core.anomalies import notation
from distdiag_core.anomalies.clearing_errors import NotThereError, PartlyClearedError
from distdiag_core.anomalies.injection import not_cleared
from distdiag_core.anomalies.injector import Injector
from distdiag_core.errors import CommandFailedError, DistdiagError, RefusedError
from distdiag_core.operations.abort_rule import AbortRule
from distdiag_core.operations.abort_settings import AbortSettings
from distdiag_core.operations.compound_injection import CompoundInjection
from distdiag_core.operations.injection_watch import InjectionWatch
from distdiag_core.recording import audit_log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.cluster.cluster import Cluster
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.abort_rule import Breach
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.gate import Gate
    from distdiag_core.recording.journal import Journal

# A node that does not answer is asked again this often; it may come back at any moment.
_RETRY_S = 2.0


class InjectionHold(Protocol):
    """Delays injections until a case has its stretch before them, and follows when they begin and end."""

    def injecting(self, plan: Plan) -> AbstractAsyncContextManager[None]:
        """The body injects `plan`; entering waits until it may.

        Raises:
            RefusedError: everything was cleared meanwhile.
        """
        ...

    def clearing(self, ids: Collection[str]) -> None:
        """These injections are being cleared."""
        ...

    def clearing_all(self) -> None:
        """All injections are being cleared."""
        ...


class NoHold:
    """An `InjectionHold` that never waits, for runs that collect no cases."""

    def injecting(self, plan: Plan) -> AbstractAsyncContextManager[None]:
        """Enters at once."""
        return nullcontext()

    def clearing(self, ids: Collection[str]) -> None:
        """Nothing to do."""

    def clearing_all(self) -> None:
        """Nothing to do."""


class Injections:
    """Planning, injecting and clearing anomalies, and clearing them when the steady state breaks.

    Args:
        watch: publishes what each operation left on the nodes.
        hold: delays injections while cases are collected.
    """

    def __init__(
        self,
        cluster: ClusterSettings,
        catalogue: AnomalyCatalogue,
        injector: Injector,
        watch: InjectionWatch,
        journal: Journal,
        gate: Gate,
        hold: InjectionHold | None = None,
    ) -> None:
        self._hold = hold or NoHold()
        self._cluster = cluster.name
        self._catalogue = catalogue
        self._injector = injector
        self.watch = watch
        self._journal = journal
        self._gate = gate
        self._compound: CompoundInjection | None = None
        self.abort_rule = AbortRule(cluster.section(AbortSettings), catalogue, lambda: watch.known, self._abort)

    @classmethod
    def on(
        cls,
        nodes: Cluster,
        catalogue: AnomalyCatalogue,
        journal: Journal,
        gate: Gate,
        hold: InjectionHold | None = None,
    ) -> Self:
        """The operations on these nodes."""
        injector = Injector(
            nodes.settings,
            {node.settings.name: node.shell for node in nodes.nodes},
            catalogue,
            accounts={node.settings.name: node.account for node in nodes.nodes},
            control_host=nodes.control_host,
        )
        watch = InjectionWatch(injector, journal, catalogue)
        return cls(nodes.settings, catalogue, injector, watch, journal, gate, hold)

    async def active(self) -> tuple[Injection, ...]:
        """The injections on the nodes now, also those of other consoles."""
        return await self.watch.refresh()

    @property
    def unasked(self) -> tuple[str, ...]:
        """The nodes that did not answer the last listing, each with the reason."""
        return self._injector.unasked

    async def plan(self, request: InjectionRequest) -> Plan:
        """The commands of `request` on each node; a refusal is recorded in the audit log.

        Raises:
            RefusedError: a safety rule forbids it.
            ConfigError: it names an unknown anomaly, node or severity.
            UnreachableError: a node cannot be asked.
        """
        try:
            return await self._injector.plan(request)
        except RefusedError as error:
            await self._gate.refused("plan", error, **asdict(request))
            raise

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        """Like `plan`, for several anomalies in one act: where one of them is refused, there is no plan."""
        try:
            return await self._injector.plan_compound(request)
        except RefusedError as error:
            await self._gate.refused("plan", error, nodes=request.nodes, **_facts(request))
            raise

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        """Start the injections of a plan and verify their effect; waits while a case needs its stretch before them.

        Args:
            confirmed: the cluster's name; a production cluster wants it.

        Raises:
            RefusedError: a safety rule forbids it, or everything was cleared while it waited.
        """
        async with self._hold.injecting(plan):
            return await self._inject(plan, confirmed)

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        """Start every part of a plan at its offset; its status when the last one has started, failed or is called off.

        Nothing begins where a rule refuses one of the parts by now. A part that fails later leaves the others alone,
        which go on to their deadlines or until they are cleared.

        Args:
            confirmed: as for `inject`.
            tell: called with a sentence when a part begins, is proved or fails.

        Raises:
            RefusedError: a safety rule forbids it, or another compound injection is on its way.
            DistdiagError: it has one part, and that failed.
        """
        if self._compound is not None and self._compound.status.to_come:
            raise RefusedError(
                "a compound injection is on its way",
                where=f"cluster {self._cluster}",
                hint="wait for its last anomaly to begin, or clear it",
            )
        compound = CompoundInjection(plan, partial(self._inject_part, plan, confirmed), tell or self._note_progress)
        if len(plan.plans) == 1:
            await self._run(compound)
            if not compound.injections:
                where = plan.plans[0].request.anomaly
                called_off = CommandFailedError("everything was cleared before it had begun", where=where)
                raise next(iter(compound.errors), called_off)
            return compound.status
        facts = {"act": plan.id, **_facts(plan.request)}
        nodes, at_once = plan.request.nodes, plan.most_at_once
        async with self._gate.operation("inject compound", nodes, confirmed, at_once=at_once, **facts) as record:
            self.abort_rule.check()
            await self._injector.check_again(plan.request)
            await self._run(compound)
            if compound.status.problems:
                record["failed"] = list(compound.status.problems)
        return compound.status

    async def _run(self, compound: CompoundInjection) -> None:
        self._compound = compound
        await compound.run()

    async def _inject_part(
        self, compound: CompoundPlan, confirmed: str, plan: Plan, begin: Callable[[], None]
    ) -> tuple[Injection, ...]:
        async with self._hold.injecting(plan):
            begin()
            return await self._inject(plan, confirmed, act=compound.id if len(compound.plans) > 1 else "")

    async def call_off(self) -> tuple[str, ...]:
        """Let no part of a compound injection begin any more; the ids of what would have. What is active stays."""
        coming = [part.id for part in self._compound.status.to_come] if self._compound is not None else []
        if coming:
            async with self._gate.operation("call off", ids=coming):
                self._call_off()
        return tuple(coming)

    def _call_off(self) -> None:
        coming = self._compound.call_off() if self._compound is not None else ()
        if coming:
            self._journal.note("action", f"called off: {', '.join(coming)}")

    @property
    def compound(self) -> CompoundStatus | None:
        """How far the newest compound injection is; None before the first."""
        return None if self._compound is None else self._compound.observe(self.watch.known)

    @property
    def compound_injections(self) -> tuple[Injection, ...]:
        """The injections of the newest compound injection, as they were proved."""
        return () if self._compound is None else self._compound.injections

    def _note_progress(self, text: str) -> None:
        self._journal.note("action", text)

    async def _inject(self, plan: Plan, confirmed: str, act: str = "") -> tuple[Injection, ...]:
        request = plan.request
        label = self._catalogue.label(request.anomaly)
        self._journal.note("action", f"injecting {label} {request.severity} on {', '.join(request.nodes)}")
        facts = {"ids": [step.id for step in plan.steps], **asdict(request)} | ({"act": act} if act else {})
        async with self._gate.operation("inject", confirmed=confirmed, **facts):
            with self.abort_rule.injecting(plan):
                try:
                    return await self._injector.inject(plan)
                finally:
                    self.watch.publish()

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections and verify that they are gone; one that this machine began may have ended by itself.

        Raises:
            NotThereError: an id is on no node and not in the audit log; the others are cleared.
        """
        self._hold.clearing(ids)
        self._journal.note("action", f"clearing {', '.join(ids)}")
        async with self._gate.operation("clear", ids=list(ids)):
            try:
                return await self._injector.clear(ids)
            except NotThereError as error:
                begun = await asyncio.to_thread(audit_log.begun, self._cluster)
                if unknown := tuple(name for name in error.missing if name not in begun):
                    raise NotThereError(error.ended, unknown) from None
                self._journal.note("action", f"had ended already: {', '.join(error.missing)}")
                return error.ended
            finally:
                self.watch.publish()

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """End every injection on every node, also those of other consoles.

        Args:
            try_for_s: how long nodes that do not answer are asked again; what is begun meanwhile elsewhere is spared.
            tell: called with a sentence when some nodes did not answer, and again when that has changed.

        Raises:
            PartlyClearedError: a node has not answered to the end; the others are cleared.
        """
        self._call_off()
        self._hold.clearing_all()
        self._journal.note("action", "clearing everything")
        async with self._gate.operation("clear all"):
            try:
                return await self._clear_until_answered(try_for_s, tell)
            finally:
                self.watch.publish()

    async def _clear_until_answered(
        self, try_for_s: float, tell: Callable[[str], None] | None
    ) -> tuple[Injection, ...]:
        clock = asyncio.get_running_loop()
        give_up_s = clock.time() + try_for_s
        ended: dict[str, Injection] = {}
        silent: Sequence[str] | None = None
        known = ""
        while True:
            try:
                ended |= {injection.id: injection for injection in await self._injector.clear_all(silent)}
                return tuple(ended[name] for name in sorted(ended))
            except PartlyClearedError as error:
                ended |= {injection.id: injection for injection in error.ended}
                silent = tuple(error.silent)
                left_s = give_up_s - clock.time()
                if left_s <= 0:
                    raise PartlyClearedError(error.what, tuple(ended.values()), error.silent) from None
                until = "until it answers" if math.isinf(left_s) else f"for another {left_s:.0f} s"
                said, changed, known = f"{error.what}; trying again {until}", error.what != known, error.what
            if changed:
                self._journal.note("action", said, level="warning")
            if changed and tell is not None:
                tell(said)
            await asyncio.sleep(min(_RETRY_S, left_s))

    async def _abort(self, breach: Breach, ids: Sequence[str], wanted: Callable[[], bool]) -> None:
        """End injections of ours because of `breach`; a node that does not answer is asked again as long as `wanted`.

        It is one record in the audit log, however often it is tried.
        """
        text = f"the abort rule ends {', '.join(ids)}: {breach}"
        data: dict[str, Any] = {"key": breach.key, "value": breach.value, "ids": list(ids)}
        self._journal.note("injection", text, level="error", node=breach.node, abort=data)
        async with self._gate.operation("abort", nodes=(breach.node,), condition=breach.what, **data) as entry:
            for tries in itertools.count(1):
                entry["tries"] = tries
                try:
                    left = not_cleared(await self._injector.clear(ids))
                    if not left:
                        return
                    raise CommandFailedError(f"still there: {', '.join(left)}")
                except NotThereError:
                    return  # They have ended by themselves meanwhile.
                except DistdiagError as error:
                    if tries == 1:
                        self._journal.note("error", f"{error}; trying again", level="error", node=breach.node)
                    failure = error
                finally:
                    self.watch.publish()
                await asyncio.sleep(_RETRY_S)
                if not wanted():
                    raise failure


def _facts(request: CompoundRequest) -> dict[str, Any]:
    """A compound request as the audit log has it."""
    preset = {"preset": request.name} if request.name else {}
    return {**preset, "parts": [notation.written(part) for part in request.parts]}
