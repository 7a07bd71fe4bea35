"""Makes anomalies happen on the nodes of a cluster, finds those that are there, and ends them."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.backend import BackendContext, backends_of
from distdiag_core.anomalies.ids import new_id
from distdiag_core.anomalies.injection import Injection, InjectionState, Plan
from distdiag_core.cluster import operator
from distdiag_core.errors import CommandFailedError, DistdiagError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence

    from distdiag_core.anomalies.backend import Cleared
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import InjectionRequest, Step
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.shell import Shell

T = TypeVar("T")


class PartlyClearedError(UnreachableError):
    """Some nodes could not be asked.

    Attributes:
        ended: what was ended on the others.
        silent: who did not answer, as `Injector.clear_all` takes it, with the reasons.
    """

    def __init__(self, what: str, ended: tuple[Injection, ...], silent: Mapping[str, str]) -> None:
        super().__init__(what, hint="what is on it ends at its own deadline")
        self.ended = ended
        self.silent = dict(silent)


class NotThereError(DistdiagError):
    """No node has an injection of that name; all were asked.

    Attributes:
        ended: the others that were to be ended.
        missing: the names.
    """

    def __init__(self, ended: tuple[Injection, ...], missing: tuple[str, ...]) -> None:
        super().__init__(
            f"no node has an injection called {', '.join(missing)}", hint="`distdiag injections` lists what there is"
        )
        self.ended = ended
        self.missing = missing


class Injector:
    """All that is known about injections is on the nodes; nothing here has to survive.

    Args:
        shells: by node name.
        lease_directory: where the nodes keep leases; empty for the usual place.
        accounts: by node name, of the databases.
        helper: the further host that the backend asks for, as `backend.helper_of` says.
    """

    def __init__(
        self,
        cluster: ClusterSettings,
        shells: Mapping[str, Shell],
        catalogue: AnomalyCatalogue,
        *,
        lease_directory: str = "",
        accounts: Mapping[str, SqlAccount] | None = None,
        helper: Shell | None = None,
    ) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        # By node; nodes whose injections are kept in one place share a backend.
        self._backends = backends_of(BackendContext(cluster, shells, accounts or {}, helper, lease_directory))
        self._places = {backend.place: backend for backend in self._backends.values()}
        self._known: dict[str, tuple[Injection, ...]] = {}
        self._unasked: dict[str, str] = {}
        self._on_their_way: dict[asyncio.Task[tuple[Injection, ...] | DistdiagError], Plan] = {}

    @property
    def unasked(self) -> tuple[str, ...]:
        """Who gave no answer, or not a whole one, the last time that all were asked, each with the reason."""
        return tuple(f"{place} cannot be asked: {reason}" for place, reason in sorted(self._unasked.items()))

    @property
    def _silent(self) -> frozenset[str]:
        """The nodes of which we do not know what is on them."""
        return frozenset(node for node, backend in self._backends.items() if backend.place in self._unasked)

    async def plan(self, request: InjectionRequest) -> Plan:
        """What `request` comes to on each of its nodes; nothing is changed anywhere.

        Raises:
            ConfigError: it names what does not exist.
            RefusedError: a safety rule forbids it.
            UnreachableError: a node of the request cannot be asked.
            UnsupportedError: a node can do it in no way.
        """
        anomaly = rules.anomaly_of(request, self._catalogue)
        request = rules.on_its_nodes(request, anomaly, self._cluster)
        rules.check_request(request, self._cluster)
        active = await self.active()
        rules.check_state(request, self._cluster, self._catalogue, active, self._silent)
        now_s = time.time()

        async def step(node: str) -> Step:
            return await self._backends[node].plan(request, anomaly, self._cluster.node(node), new_id(now_s))

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
        owner = f"{operator.account()}@{socket.gethostname()}"

        async def start(node: str) -> None:
            await self._backends[node].start(steps[node], request, owner)

        try:
            rules.check_request(request, self._cluster)
            active = await self.active()
            rules.check_state(request, self._cluster, self._catalogue, active, self._silent)
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
        if reason := self._unasked.get(self._backends[step.node].place):
            state, detail = InjectionState.ACTIVE, f"by {step.method}; proved, but now {reason}"
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
            _, left = await self._backends[node].clear([steps[node].id])
            if left := tuple(injection for injection in left if injection.id == steps[node].id):
                why = left[0].detail if left[0].state is InjectionState.ORPHANED else "it is still there"
                raise CommandFailedError(why, where=node)

        failed = [f"{node} ({what})" for node, what in (await _all(undo, steps)).items() if isinstance(what, Exception)]
        hint = "nothing of it is left on any node"
        if failed:
            hint = f"it may still be on {', '.join(failed)}, at most until its deadline"
        return type(error)(error.what, where=error.where, hint=f"{error.hint}; {hint}" if error.hint else hint)

    async def active(self) -> tuple[Injection, ...]:
        """What is on the nodes now, whoever put it there.

        Of a node that cannot be asked, what it last said: what has a deadline until then, and orphans for good.
        """
        answers = await _all(lambda place: self._places[place].list(), self._places)
        self._note_unasked(answers)
        now_s = time.time()
        for place, answer in answers.items():
            if isinstance(answer, DistdiagError):
                self._known[place] = tuple(
                    replace(injection, detail=f"as last seen: {answer}")
                    for injection in self._known.get(place, ())
                    if injection.deadline_s > now_s or injection.state is InjectionState.ORPHANED
                )
            else:
                self._known[place] = self._named(place, answer)
        found = {injection.id: injection for place in answers for injection in self._known[place]}
        return tuple(found[name] for name in sorted(found))

    def _note_unasked(self, answers: Mapping[str, object | DistdiagError]) -> None:
        reasons = {
            place: str(answer) if isinstance(answer, DistdiagError) else self._places[place].unasked
            for place, answer in answers.items()
        }
        self._unasked = {place: reason for place, reason in reasons.items() if reason}

    def _named(self, place: str, injections: Iterable[Injection]) -> tuple[Injection, ...]:
        # Another console may have another name for the node.
        return tuple(each if each.node in self._backends else replace(each, node=place) for each in injections)

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections, wherever they are, and prove that they are gone.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            NotThereError: no node has one of them; the others are cleared.
            PartlyClearedError: a node that may have one of them cannot be asked; the others are cleared.
        """
        if not ids:
            return ()
        wanted = set(ids)
        answers = await _all(lambda place: self._places[place].clear(ids), self._places)
        ended = tuple(injection for injection in self._ended(answers) if injection.id in wanted)
        missing = tuple(sorted(wanted - {injection.id for injection in ended}))
        if missing and self._unasked:
            raise self._partly_cleared(f"not found where nodes could be asked: {', '.join(missing)}", ended)
        if missing:
            raise NotThereError(ended, missing)
        return ended

    async def clear_all(self, places: Iterable[str] | None = None) -> tuple[Injection, ...]:
        """End every injection on every node, whoever began it, and those of ours that are on their way; safe to repeat.

        Args:
            places: only there, for those that did not answer before; what was begun since is not touched.

        Returns:
            Each as CLEARED, or as ORPHANED with the reason.

        Raises:
            PartlyClearedError: a node cannot be asked; the others are cleared.
        """
        on_their_way = dict(self._on_their_way) if places is None else {}
        for task in on_their_way:
            task.cancel()
        expected = [step.id for plan in on_their_way.values() for step in plan.steps]
        asked = self._places if places is None else places
        answers = await _all(lambda place: self._places[place].clear_all(expected), asked)
        ended = self._ended(answers)
        if on_their_way:
            await asyncio.wait(on_their_way)
        if self._unasked:
            raise self._partly_cleared(f"cleared on the other nodes: {len(ended)}", ended)
        return ended

    def _partly_cleared(self, what: str, ended: tuple[Injection, ...]) -> PartlyClearedError:
        return PartlyClearedError(f"{'; '.join(self.unasked)}; {what}", ended, self._unasked)

    def _ended(self, answers: Mapping[str, Cleared | DistdiagError]) -> tuple[Injection, ...]:
        self._note_unasked(answers)
        ended: dict[str, Injection] = {}
        for place, answer in answers.items():
            if isinstance(answer, DistdiagError):
                continue
            before, left = answer
            still = {injection.id: injection for injection in self._named(place, left)}
            for injection in self._named(place, before):
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
