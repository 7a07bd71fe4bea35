"""The abort rule: where the steady state of the cluster file breaks, what this console has injected ends at once."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.status import LinkState
from distdiag_core.errors import CommandFailedError, DistdiagError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.operations.abort_settings import AbortSettings

# Ending what a node did not let us end: it may come back at any moment.
_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Breach:
    """A condition of the steady state that does not hold.

    Attributes:
        key: of the cluster file.
        value: what was measured, in the unit of the key; None for a node that is lost.
    """

    key: str
    node: str
    what: str
    value: float | None = None

    def __str__(self) -> str:
        """For the operator."""
        return f"{self.node}: {self.what} (key {self.key})"


class SteadyState:
    """The conditions of the cluster file, held against every tick."""

    def __init__(self, settings: AbortSettings) -> None:
        self._settings = settings
        # Since which tick a condition has been broken, by key and node.
        self._since_s: dict[tuple[str, str], float] = {}

    def look(self, frame: Frame, nodes: Sequence[NodeStatus], spared: Collection[str]) -> Breach | None:
        """The first condition that has been broken for long enough; nodes that are `spared` may be lost."""
        since_s: dict[tuple[str, str], float] = {}
        due: Breach | None = None
        for status in nodes:
            for breach, broken in self._conditions(frame, status, spared):
                place = (breach.key, status.node)
                if broken:
                    since_s[place] = self._since_s.get(place, frame.time_s)
                    if due is None and frame.time_s - since_s[place] >= self._settings.for_s:
                        due = breach
                elif broken is None and place in self._since_s:
                    # A node in trouble answers only now and then; silence is no proof that all is well again.
                    since_s[place] = self._since_s[place]
        self._since_s = since_s
        return due

    def _conditions(
        self, frame: Frame, status: NodeStatus, spared: Collection[str]
    ) -> Iterator[tuple[Breach, bool | None]]:
        """Each condition that is set, as the breach that it would be, and whether it is one; None where unknown."""
        abort, node = self._settings, status.node
        if abort.node_lost:
            lost = status.sql.state is LinkState.DOWN and node not in spared
            yield Breach("abort.node_lost", node, f"the node is lost: {status.reason}"), lost
        limits = (
            ("abort.max_p95_ms", "95 % latency", "ms", p95_ms(frame, node), abort.max_p95_ms),
            ("abort.max_errors_per_s", "failed statements", "/s", errors_per_s(frame, node), abort.max_errors_per_s),
        )
        for key, label, unit, value, limit in limits:
            if limit is not None:
                breach = Breach(key, node, f"{label} {value:.4g} {unit} is over {limit:g} {unit}", value)
                yield breach, None if math.isnan(value) else value > limit


def p95_ms(frame: Frame, node: str) -> float:
    """The latency that the clients of `node` see; infinite where they wait and nothing finishes."""
    value = frame.value(node, "workload.p95")
    return math.inf if math.isnan(value) and frame.value(node, "workload.tps") == 0 else value


def errors_per_s(frame: Frame, node: str) -> float:
    """Statements that fail on `node`, as its database or its clients count them, whichever are more."""
    counted = (frame.value(node, "sysstat.sql_fail_count"), frame.value(node, "workload.errors"))
    return max((value for value in counted if not math.isnan(value)), default=math.nan)


class AbortRule:
    """Watches the steady state while something that we began is active, and ends all of it when it breaks.

    Args:
        known: the injections that are on the nodes now.
        end: ends the injections of these ids, because of the breach, and tries again as long as that is wanted.
    """

    def __init__(
        self,
        settings: AbortSettings,
        catalogue: AnomalyCatalogue,
        known: Callable[[], Sequence[Injection]],
        end: Callable[[Breach, Sequence[str], Callable[[], bool]], Awaitable[object]],
    ) -> None:
        self._steady = SteadyState(settings)
        self._catalogue = catalogue
        self._known = known
        self._end = end
        # What we began, by id: the anomaly and the node.
        self._ours: dict[str, tuple[str, str]] = {}
        self._beginning: set[str] = set()
        self._breach: Breach | None = None
        self._broken = asyncio.Event()
        # What is ended last, and why.
        self._ending: tuple[Breach, tuple[str, ...]] | None = None

    @contextmanager
    def beginning(self, plan: Plan) -> Iterator[None]:
        """The body injects `plan`, which is ours from now on.

        Raises:
            RefusedError: the steady state is broken already.
            CommandFailedError: it broke meanwhile.
        """
        if self._breach is not None:
            raise RefusedError(
                f"the cluster is not in its steady state: {self._breach.what}",
                where=f"{self._breach.node}: key {self._breach.key}",
                hint="wait until it has recovered, or change the key",
            )
        ids = {step.id for step in plan.steps}
        self._beginning |= ids
        self._ours |= {step.id: (plan.request.anomaly, step.node) for step in plan.steps}
        try:
            yield
        except DistdiagError as error:
            if self._ending is None or ids.isdisjoint(self._ending[1]):
                raise
            what = f"the abort rule ends it before it has begun: {self._ending[0]}"
            raise CommandFailedError(what, where=plan.request.anomaly) from error
        finally:
            self._beginning -= ids

    def look(self, frame: Frame, nodes: Sequence[NodeStatus]) -> None:
        """Hold the steady state against a tick; what has to be ended is ended by `run`."""
        # What could not be undone goes on as an orphan, which is told; to end it once more every tick helps nobody.
        listed = {each.id for each in self._known() if each.state is not InjectionState.ORPHANED} | self._beginning
        self._ours = {name: place for name, place in self._ours.items() if name in listed}
        self._breach = self._steady.look(frame, nodes, self._spared())
        if self._due():
            self._broken.set()

    async def run(self) -> None:
        """End what has to be ended, until cancelled."""
        while True:
            await self._broken.wait()
            if due := self._due():
                self._ending = due
                # It has told what it could not do. The node ends that at its deadline, if we cannot sooner.
                with suppress(DistdiagError):
                    await self._end(*due, partial(self._is_still, due))
                await asyncio.sleep(_AGAIN_S)
            self._broken.clear()

    def _is_still(self, due: tuple[Breach, tuple[str, ...]]) -> bool:
        """The same has to be ended for the same reason; what was measured may be another figure by now."""
        breach, ids = self._due() or (None, ())
        return breach is not None and (breach.key, breach.node, ids) == (due[0].key, due[0].node, due[1])

    def _due(self) -> tuple[Breach, tuple[str, ...]] | None:
        """What has to be ended, and why: all that is ours, or what a silent node kept when all the rest was ended."""
        breach, ids = self._breach, tuple(self._ours)
        if breach is None and self._ending is not None:
            # That the cluster has recovered meanwhile, perhaps because of the rest, does not make it ours to keep.
            breach, ids = self._ending[0], tuple(name for name in self._ending[1] if name in self._ours)
        return (breach, ids) if breach is not None and ids else None

    def _spared(self) -> set[str]:
        """The nodes that an injection of ours may cut off, which is what was asked for."""
        found = ((self._catalogue.get(anomaly), node) for anomaly, node in self._ours.values())
        return {node for anomaly, node in found if anomaly is not None and anomaly.cuts_off}
