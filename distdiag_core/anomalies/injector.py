"""Injections on the nodes of a cluster: planned, started, listed and cleared."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.anomalies import compound, rules
from distdiag_core.anomalies.backend import BackendContext, backends_of
from distdiag_core.anomalies.cancellation import finish
from distdiag_core.anomalies.clearing_errors import NotThereError, PartlyClearedError
from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import Injection, InjectionState, Plan
from distdiag_core.anomalies.listing import Cleared, ClusterListing
from distdiag_core.cluster import fan_out, operator
from distdiag_core.errors import CommandFailedError, DistdiagError, RefusedError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from distdiag_core.anomalies.backend import Backend
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.shell import Shell

T = TypeVar("T")

# How long another console may take from starting an injection to undoing it, and how often that is looked for.
_GIVES_WAY_S, _LOOK_AGAIN_S = 10.0, 0.5


class Injector:
    """Plans, starts, lists and clears injections. All that has to last is on the nodes.

    Args:
        shells: by node.
        lease_directory: where the nodes keep leases; empty for the usual place.
        accounts: of the databases, by node.
        control_host: the further host that the backend asks for, as `backend.control_host_of` says.
    """

    def __init__(
        self,
        cluster: ClusterSettings,
        shells: Mapping[str, Shell],
        catalogue: AnomalyCatalogue,
        *,
        lease_directory: str = "",
        accounts: Mapping[str, SqlAccount] | None = None,
        control_host: Shell | None = None,
    ) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        # By node; nodes whose injections are kept in one place share a backend.
        self._backends = backends_of(BackendContext(cluster, shells, accounts or {}, control_host, lease_directory))
        self._places = {backend.place: backend for backend in self._backends.values()}
        self._listing = ClusterListing({node: backend.place for node, backend in self._backends.items()})
        self._starting: dict[asyncio.Task[tuple[Injection, ...] | DistdiagError], Plan] = {}

    @property
    def last_listed(self) -> tuple[Injection, ...]:
        """The injections on the nodes, as each node last listed them: after an operation, what that left there."""
        return self._listing.injections

    @property
    def unasked(self) -> tuple[str, ...]:
        """The places whose newest answer is an error or incomplete, each with the reason."""
        return _sentences(self._listing.unasked)

    async def plan(self, request: InjectionRequest) -> Plan:
        """The commands of `request` on each of its nodes; nothing is changed anywhere.

        Raises:
            ConfigError: it names an unknown anomaly, node or severity.
            RefusedError: a safety rule forbids it.
            UnreachableError: a node of the request cannot be asked.
            UnsupportedError: no method is possible on a node.
        """
        return (await self.plan_compound(CompoundRequest.of(request))).plans[0]

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        """Like `plan`, for several anomalies together: where one of them is refused, there is no plan."""
        request = compound.complete(request, self._cluster, self._catalogue)
        compound.check(request, self._cluster, self._catalogue)
        active = await self.check_again(request)
        plans = [await self._plan(part.request, active) for part in request.parts]
        return CompoundPlan(request, tuple(plans), new_id(clock.now_s()))

    async def check_again(self, request: CompoundRequest) -> tuple[Injection, ...]:
        """Hold a request against the rules and what is on the nodes now, which is returned.

        Raises:
            RefusedError: a safety rule forbids it by now.
        """
        active = await self.active()
        compound.check(request, self._cluster, self._catalogue, active, self._listing.silent_nodes)
        return active

    async def _plan(self, request: InjectionRequest, active: Iterable[Injection]) -> Plan:
        anomaly, now_s = rules.anomaly_of(request, self._catalogue), clock.now_s()

        async def step(node: str) -> Step:
            return await self._backends[node].plan(request, anomaly, self._cluster.node(node), new_id(now_s))

        steps = await fan_out.on_each(request.nodes, step)
        return Plan(request, tuple(steps.values()), self._warnings(request, active))

    def _warnings(self, request: InjectionRequest, active: Iterable[Injection]) -> tuple[str, ...]:
        found = [
            f"{injection.anomaly} {injection.severity} ({injection.id}) is on {injection.node} already, "
            f"for another {max(0.0, injection.deadline_s - clock.now_s()):.0f} s"
            for injection in active
            if injection.node in request.nodes
        ]
        return (*found, *self.unasked)

    async def inject(self, plan: Plan) -> tuple[Injection, ...]:
        """Start the injections of a plan on all its nodes at once; where one fails, all are undone.

        Each node lists its injections twice: before, which the safety rules are judged on and which dates the request
        to start; and after, which is what `known` and the result are taken from, and which shows what another console
        has started meanwhile.

        Raises:
            RefusedError: a safety rule forbids it by now.
            CommandFailedError: one could not be started, or had no effect.
            UnreachableError: a node does not answer.
        """
        # A separate task, which `clear_all` may cancel without cancelling the caller.
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._inject(plan))
            self._starting[task] = plan
            task.add_done_callback(self._starting.pop)
        if task.cancelled():
            raise CommandFailedError("everything was cleared before it had begun", where=plan.request.anomaly)
        outcome = task.result()
        if isinstance(outcome, DistdiagError):
            raise outcome
        return outcome

    async def _inject(self, plan: Plan) -> tuple[Injection, ...] | DistdiagError:
        request = plan.request
        steps = {step.node: step for step in plan.steps}
        owner = f"{operator.account()}@{socket.gethostname()}"

        async def start(node: str) -> None:
            backend = self._backends[node]
            await backend.start(steps[node], request, owner, self._listing.newest(backend.place))

        try:
            await self.check_again(CompoundRequest.of(request))
        except DistdiagError as error:
            return error
        try:
            await fan_out.on_each(steps, start)
            return self._started(plan, owner, await self._let_stand(plan))
        except DistdiagError as error:
            return await finish(self._undone(steps, error))
        except asyncio.CancelledError:
            await finish(self._undone(steps, CommandFailedError("interrupted")))
            raise

    async def _let_stand(self, plan: Plan) -> tuple[Injection, ...]:
        """All injections, once the rules let those of `plan` stand beside those that other consoles started meanwhile.

        Two consoles that listed before either started are both let pass. Of these the one with the later id gives way
        at once, and the other waits for that. One that does not give way has looked before ours was there: it stays.

        Raises:
            RefusedError: it is ours that has to give way.
        """
        ours = {step.id for step in plan.steps}
        give_up_s = time.monotonic() + _GIVES_WAY_S
        while True:
            active = await self.active()
            others = tuple(injection for injection in active if injection.id not in ours)
            try:
                rules.check_state(plan.request, self._cluster, self._catalogue, others)
            except RefusedError:
                if any(other.id < min(ours) for other in others) or time.monotonic() > give_up_s:
                    raise
            else:
                return active
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _started(self, plan: Plan, owner: str, active: Iterable[Injection]) -> tuple[Injection, ...]:
        """The injections of `plan`, all of them proved, also where the node does not list them."""
        found = {injection.id: injection for injection in active}
        return tuple(found.get(step.id) or self._as_planned(plan, step, owner) for step in plan.steps)

    def _as_planned(self, plan: Plan, step: Step, owner: str) -> Injection:
        request, now_s = plan.request, clock.now_s()
        place = self._backends[step.node].place
        reason = self._listing.unasked.get(place)
        injection = Injection(
            id=step.id,
            anomaly=request.anomaly,
            node=step.node,
            severity=request.severity,
            state=InjectionState.ACTIVE if reason else InjectionState.CLEARED,
            started_s=now_s,
            deadline_s=now_s + request.duration_s,
            owner=owner,
            detail=f"by {step.method}; proved, but now {reason}" if reason else "it was there, and has ended since",
        )
        if reason:
            self._listing.add(place, injection)
        return injection

    async def _undone(self, steps: Mapping[str, Step], error: DistdiagError) -> DistdiagError:
        async def undo(node: str) -> None:
            name = steps[node].id
            cleared = await self._clear_at(self._backends[node].place, lambda backend: backend.clear([name]))
            if left := tuple(injection for injection in cleared.after.injections if injection.id == name):
                why = left[0].detail if left[0].state is InjectionState.ORPHANED else "it is still there"
                raise CommandFailedError(why, where=node)

        outcomes = await fan_out.outcomes(steps, undo)
        failed = [f"{node} ({what})" for node, what in outcomes.items() if isinstance(what, DistdiagError)]
        hint = "nothing of it is left on any node"
        if failed:
            hint = f"it may still be on {', '.join(failed)}, at most until its deadline"
        return type(error)(error.what, where=error.where, hint=f"{error.hint}; {hint}" if error.hint else hint)

    async def active(self) -> tuple[Injection, ...]:
        """The injections on the nodes now, also those of other consoles.

        Of a place that cannot be asked, what it listed last: what has a deadline until then, and orphans for good.
        """
        question = self._listing.ask()

        async def ask(place: str) -> None:
            try:
                self._listing.note(place, question, await self._places[place].list())
            except DistdiagError as error:
                self._listing.note(place, question, error)

        await fan_out.outcomes(self._places, ask)
        return self._listing.injections

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections, on whatever node they are, and prove that they are gone.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            NotThereError: no node has one of them; the others are cleared.
            PartlyClearedError: a node that may have one of them cannot be asked; the others are cleared.
        """
        if not ids:
            return ()
        wanted = set(ids)
        answers = await self._clear_at_all(self._places, lambda backend: backend.clear(ids))
        ended = tuple(injection for injection in self._ended(answers) if injection.id in wanted)
        missing = tuple(sorted(wanted - {injection.id for injection in ended}))
        if missing and (unasked := _unasked(answers)):
            raise _partly_cleared(f"not found where nodes could be asked: {', '.join(missing)}", ended, unasked)
        if missing:
            raise NotThereError(ended, missing)
        return ended

    async def clear_all(self, places: Iterable[str] | None = None) -> tuple[Injection, ...]:
        """End every injection on every node, also of other consoles, and ours that have not started yet; repeatable.

        Args:
            places: only these, which did not answer before; what was started since is not touched.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            PartlyClearedError: a node cannot be asked; the others are cleared.
        """
        starting = dict(self._starting) if places is None else {}
        for task in starting:
            task.cancel()
        expected = [step.id for plan in starting.values() for step in plan.steps]
        asked = self._places if places is None else tuple(places)
        answers = await self._clear_at_all(asked, lambda backend: backend.clear_all(expected))
        ended = self._ended(answers)
        if starting:
            await asyncio.wait(starting)
        if unasked := _unasked(answers):
            raise _partly_cleared(f"cleared on the other nodes: {len(ended)}", ended, unasked)
        return ended

    async def _clear_at_all(
        self, places: Iterable[str], clear: Callable[[Backend], Awaitable[Cleared]]
    ) -> dict[str, Cleared | DistdiagError]:
        return await fan_out.outcomes(places, lambda place: self._clear_at(place, clear))

    async def _clear_at(self, place: str, clear: Callable[[Backend], Awaitable[Cleared]]) -> Cleared:
        """Clear at one place; what is left there is the newest listing of it, whatever was asked meanwhile."""
        try:
            cleared = await clear(self._places[place])
        except DistdiagError as error:
            self._listing.note(place, self._listing.ask(), error)
            raise
        self._listing.note(place, self._listing.ask(), cleared.after)
        return cleared

    def _ended(self, answers: Mapping[str, Cleared | DistdiagError]) -> tuple[Injection, ...]:
        ended: dict[str, Injection] = {}
        for place, answer in answers.items():
            if isinstance(answer, DistdiagError):
                continue
            still = {injection.id: injection for injection in self._listing.named(place, answer.after.injections)}
            for injection in self._listing.named(place, answer.before):
                ended[injection.id] = still.get(injection.id, replace(injection, state=InjectionState.CLEARED))
        return tuple(ended[name] for name in sorted(ended))


def _unasked(answers: Mapping[str, Cleared | DistdiagError]) -> dict[str, str]:
    """The places that did not answer, or not completely, each with the reason."""
    reasons = {
        place: answer.after.incomplete if isinstance(answer, Cleared) else str(answer)
        for place, answer in sorted(answers.items())
    }
    return {place: reason for place, reason in reasons.items() if reason}


def _sentences(unasked: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{place} cannot be asked: {reason}" for place, reason in unasked.items())


def _partly_cleared(what: str, ended: tuple[Injection, ...], unasked: Mapping[str, str]) -> PartlyClearedError:
    return PartlyClearedError(f"{'; '.join(_sentences(unasked))}; {what}", ended, unasked)
