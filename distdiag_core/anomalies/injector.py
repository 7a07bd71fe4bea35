"""Makes anomalies happen on the nodes of a cluster, finds those that are there, and ends them."""

from __future__ import annotations

import asyncio
import getpass
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.backends.ssh import Leases, injection_of
from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import Injection, InjectionState, Plan
from distdiag_core.anomalies.planner import make_step, parse_survey, survey_command, values_of
from distdiag_core.errors import CommandFailedError, ConfigError, DistdiagError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence

    from distdiag_core.anomalies.backends.ssh import Lease
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.shell import Shell

    # What was there before, and what is still there.
    _Cleared = tuple[tuple[Lease, ...], tuple[Lease, ...]]

T = TypeVar("T")


class Injector:
    """All that is known about injections is on the nodes; nothing here has to survive.

    Args:
        shells: by node name.
        lease_directory: where the nodes keep leases; empty for the usual place.
    """

    def __init__(
        self,
        cluster: ClusterSettings,
        shells: Mapping[str, Shell],
        catalogue: AnomalyCatalogue,
        *,
        lease_directory: str = "",
    ) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        self._leases = {name: Leases(shell, lease_directory) for name, shell in shells.items()}
        self._known: dict[str, tuple[Injection, ...]] = {}
        self._unasked: dict[str, str] = {}
        self._on_their_way: dict[asyncio.Task[tuple[Injection, ...] | DistdiagError], Plan] = {}

    @property
    def unasked(self) -> tuple[str, ...]:
        """The nodes that gave no answer the last time that all were asked, each with the reason."""
        return tuple(f"{node} cannot be asked: {reason}" for node, reason in sorted(self._unasked.items()))

    async def plan(self, request: InjectionRequest) -> Plan:
        """What `request` comes to on each of its nodes; nothing is changed anywhere.

        Raises:
            ConfigError: it names what does not exist.
            RefusedError: a safety rule forbids it.
            UnreachableError: a node of the request cannot be asked.
            UnsupportedError: a node can do it in no way.
        """
        anomaly = rules.anomaly_of(request, self._catalogue)
        rules.check_request(request, self._cluster)
        active = await self.active()
        rules.check_state(request, self._cluster, self._catalogue, active)
        now_s = time.time()

        async def step(node: str) -> Step:
            values = values_of(request, anomaly, self._cluster.node(node), new_id(now_s))
            output = await self._leases[node].survey(survey_command(anomaly.ways, values))
            return make_step(anomaly, node, parse_survey(output, node), values)

        steps = _results(await _all(step, request.nodes))
        return Plan(request, tuple(steps.values()), self._warnings(request, active))

    def _warnings(self, request: InjectionRequest, active: Iterable[Injection]) -> tuple[str, ...]:
        found = [
            f"{injection.anomaly} {injection.severity} ({injection.id}) is on {injection.node} already, "
            f"for another {max(0.0, injection.deadline_s - time.time()):.0f} s"
            for injection in active
            if injection.node in request.nodes
        ]
        return (*found, *self.unasked)

    async def inject(self, plan: Plan) -> tuple[Injection, ...]:
        """Make it happen on all nodes at once; if it fails on one, it is undone on all of them.

        Raises:
            RefusedError: a safety rule forbids it by now.
            CommandFailedError: it could not be begun, or had no effect.
            UnreachableError: a node went away.
        """
        # A task of its own, which clearing everything may cancel without cancelling our caller.
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._inject(plan))
            self._on_their_way[task] = plan
            task.add_done_callback(self._on_their_way.pop)
        if task.cancelled():
            raise CommandFailedError("everything was cleared before it had begun", where=plan.request.anomaly)
        outcome = task.result()
        if isinstance(outcome, DistdiagError):
            raise outcome
        return outcome

    async def _inject(self, plan: Plan) -> tuple[Injection, ...] | DistdiagError:
        request = plan.request
        steps = {step.node: step for step in plan.steps}
        owner = f"{getpass.getuser()}@{socket.gethostname()}"

        async def start(node: str) -> None:
            await self._leases[node].start(steps[node], request, owner)

        try:
            rules.check_request(request, self._cluster)
            rules.check_state(request, self._cluster, self._catalogue, await self.active())
        except DistdiagError as error:
            return error
        try:
            _results(await _all(start, steps))
            return self._begun(plan, owner, await self.active())
        except DistdiagError as error:
            return await _to_its_end(self._undone(steps, error))
        except asyncio.CancelledError:
            await _to_its_end(self._undone(steps, CommandFailedError("interrupted")))
            raise

    def _begun(self, plan: Plan, owner: str, active: Iterable[Injection]) -> tuple[Injection, ...]:
        """What became of `plan`, all steps of which were proved, also where the node does not say it again."""
        found = {injection.id: injection for injection in active}
        return tuple(found.get(step.id) or self._as_planned(plan, step, owner) for step in plan.steps)

    def _as_planned(self, plan: Plan, step: Step, owner: str) -> Injection:
        request, now_s = plan.request, time.time()
        if reason := self._unasked.get(step.node):
            state, detail = InjectionState.ACTIVE, f"by {step.way}; proved, but now {reason}"
        else:
            state, detail = InjectionState.CLEARED, "it was there, and has ended since"
        return Injection(
            id=step.id,
            anomaly=request.anomaly,
            node=step.node,
            severity=request.severity,
            state=state,
            started_s=now_s,
            deadline_s=now_s + request.duration_s,
            owner=owner,
            detail=detail,
        )

    async def _undone(self, steps: Mapping[str, Step], error: DistdiagError) -> DistdiagError:
        async def undo(node: str) -> None:
            _, left = await self._leases[node].clear([steps[node].id])
            if left := tuple(lease for lease in left if lease.id == steps[node].id):
                raise CommandFailedError(left[0].trouble or "it is still there", where=node)

        failed = [f"{node} ({what})" for node, what in (await _all(undo, steps)).items() if isinstance(what, Exception)]
        hint = "nothing of it is left on any node"
        if failed:
            hint = f"it may still be on {', '.join(failed)}, at most until its deadline"
        return type(error)(error.what, where=error.where, hint=f"{error.hint}; {hint}" if error.hint else hint)

    async def active(self) -> tuple[Injection, ...]:
        """What is on the nodes now, whoever put it there; of a node that cannot be asked, what it last said."""
        answers = await _all(lambda node: self._leases[node].list(), self._leases)
        self._note_unasked(answers)
        now_s = time.time()
        for node, answer in answers.items():
            if isinstance(answer, DistdiagError):
                self._known[node] = tuple(
                    replace(injection, detail=f"as last seen: {answer}")
                    for injection in self._known.get(node, ())
                    if injection.deadline_s > now_s
                )
            else:
                self._known[node] = self._injections(node, answer, now_s)
        found = {injection.id: injection for node in answers for injection in self._known[node]}
        return tuple(found[name] for name in sorted(found))

    def _note_unasked(self, answers: Mapping[str, object | DistdiagError]) -> None:
        self._unasked = {node: str(answer) for node, answer in answers.items() if isinstance(answer, DistdiagError)}

    def _injections(self, node: str, leases: Iterable[Lease], now_s: float) -> tuple[Injection, ...]:
        # Nodes that share a machine share its leases; each is the one's that it was made for.
        return tuple(injection_of(lease, lease.node if lease.node in self._leases else node, now_s) for lease in leases)

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections, wherever they are, and prove that they are gone.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            ConfigError: no node has one of them; the others are cleared.
            UnreachableError: a node that may have one of them cannot be asked; the others are cleared.
        """
        if not ids:
            return ()
        wanted = set(ids)
        answers = await _all(lambda node: self._leases[node].clear(ids), self._leases)
        ended = tuple(injection for injection in self._ended(answers) if injection.id in wanted)
        missing = sorted(wanted - {injection.id for injection in ended})
        if missing and self._unasked:
            raise self._unreachable(f"not found where nodes could be asked: {', '.join(missing)}")
        if missing:
            raise ConfigError(
                f"no node has an injection called {', '.join(missing)}", hint="it may have ended by itself"
            )
        return ended

    async def clear_all(self) -> tuple[Injection, ...]:
        """End every injection on every node, whoever began it, and those of ours that are on their way; safe to repeat.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            UnreachableError: a node cannot be asked; the others are cleared.
        """
        on_their_way = dict(self._on_their_way)
        for task in on_their_way:
            task.cancel()
        expected = [step.id for plan in on_their_way.values() for step in plan.steps]
        answers = await _all(lambda node: self._leases[node].clear_all(expected), self._leases)
        ended = self._ended(answers)
        if on_their_way:
            await asyncio.wait(on_their_way)
        if self._unasked:
            raise self._unreachable(f"cleared on the other nodes: {len(ended)}")
        return ended

    def _unreachable(self, what: str) -> UnreachableError:
        return UnreachableError(f"{'; '.join(self.unasked)}; {what}", hint="what is on it ends at its own deadline")

    def _ended(self, answers: Mapping[str, _Cleared | DistdiagError]) -> tuple[Injection, ...]:
        self._note_unasked(answers)
        now_s = time.time()
        ended: dict[str, Injection] = {}
        for node, answer in answers.items():
            if isinstance(answer, DistdiagError):
                continue
            before, left = answer
            still = {injection.id: injection for injection in self._injections(node, left, now_s)}
            for injection in self._injections(node, before, now_s):
                ended[injection.id] = still.get(injection.id, replace(injection, state=InjectionState.CLEARED))
        return tuple(ended[name] for name in sorted(ended))


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which being cancelled meanwhile does not keep from coming to its end."""
    task = asyncio.create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
    return task.result()


async def _all(ask: Callable[[str], Awaitable[T]], nodes: Iterable[str]) -> dict[str, T | DistdiagError]:
    """The answers of all nodes, asked at once; a node that fails keeps none of the others from answering."""

    async def answer(node: str) -> T | DistdiagError:
        try:
            return await ask(node)
        except DistdiagError as error:
            return error

    async with asyncio.TaskGroup() as tasks:
        asked = {node: tasks.create_task(answer(node)) for node in nodes}
    return {node: task.result() for node, task in asked.items()}


def _results(answers: Mapping[str, T | DistdiagError]) -> dict[str, T]:
    """The answers, all of them good.

    Raises:
        DistdiagError: the first that is not.
    """
    good: dict[str, T] = {}
    for node, answer in answers.items():
        if isinstance(answer, DistdiagError):
            raise answer
        good[node] = answer
    return good
