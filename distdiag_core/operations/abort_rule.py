"""The abort rule: it ends the injections of this console when the steady state of the cluster file breaks."""

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

# Between attempts on a node that does not answer, which may come back at any moment.
_RETRY_S = 2.0
# By OceanBase, by MySQL and MariaDB, and by the clients of a workload.
_FAILED_STATEMENTS = ("sysstat.sql_fail_count", "mysql_status.statement_errors", "workload.errors")


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
        """One line for the operator."""
        return f"{self.node}: {self.what} (key {self.key})"


class SteadyState:
    """The conditions of the cluster file, checked on every tick."""

    def __init__(self, settings: AbortSettings) -> None:
        self._settings = settings
        # Time of the tick since which a condition is broken, by key and node.
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
                    # A node with an anomaly answers only now and then; silence is no proof of recovery.
                    since_s[place] = self._since_s[place]
        self._since_s = since_s
        return due

    def _conditions(
        self, frame: Frame, status: NodeStatus, spared: Collection[str]
    ) -> Iterator[tuple[Breach, bool | None]]:
        """Each condition that is set, as a breach, and whether it is broken; None where unknown."""
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
    """The 95th percentile of the latency of the clients of `node`; infinite where no transaction finishes."""
    value = frame.value(node, "workload.p95")
    return math.inf if math.isnan(value) and frame.value(node, "workload.tps") == 0 else value


def errors_per_s(frame: Frame, node: str) -> float:
    """Failed statements per second on `node`: the larger of the counts of its database and of its clients."""
    counted = (frame.value(node, name) for name in _FAILED_STATEMENTS)
    return max((value for value in counted if not math.isnan(value)), default=math.nan)


class AbortRule:
    """The watch of the steady state while injections of this console are active, all of which it ends at a breach.

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
        # The injections of this console, by id: anomaly and node.
        self._ours: dict[str, tuple[str, str]] = {}
        self._beginning: set[str] = set()
        self._breach: Breach | None = None
        self._broken = asyncio.Event()
        # The breach and the injections that were ended last.
        self._ending: tuple[Breach, tuple[str, ...]] | None = None

    @contextmanager
    def injecting(self, plan: Plan) -> Iterator[None]:
        """The body injects `plan`, whose injections are watched from now on.

        Raises:
            RefusedError: the steady state is broken already.
            CommandFailedError: it broke meanwhile.
        """
        self.check()
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

    def check(self) -> None:
        """Let pass what is to begin in the steady state.

        Raises:
            RefusedError: it is broken.
        """
        if self._breach is not None:
            raise RefusedError(
                f"the cluster is not in its steady state: {self._breach.what}",
                where=f"{self._breach.node}: key {self._breach.key}",
                hint="wait until it has recovered, or change the key",
            )

    def look(self, frame: Frame, nodes: Sequence[NodeStatus]) -> None:
        """Check the steady state on a tick; `run` ends what has to be ended."""
        # An orphaned injection is reported; to end it again on every tick would not help.
        listed = {each.id for each in self._known() if each.state is not InjectionState.ORPHANED} | self._beginning
        self._ours = {name: place for name, place in self._ours.items() if name in listed}
        self._breach = self._steady.look(frame, nodes, self._spared())
        if self._due():
            self._broken.set()

    async def run(self) -> None:
        """End injections at each breach, until cancelled."""
        while True:
            await self._broken.wait()
            if due := self._due():
                self._ending = due
                # It has told what it could not do. The node ends that at its deadline, if we cannot sooner.
                with suppress(DistdiagError):
                    await self._end(*due, partial(self._is_still, due))
                await asyncio.sleep(_RETRY_S)
            self._broken.clear()

    def _is_still(self, due: tuple[Breach, tuple[str, ...]]) -> bool:
        """Whether the same injections have to be ended for the same condition, whatever its value by now."""
        breach, ids = self._due() or (None, ())
        return breach is not None and (breach.key, breach.node, ids) == (due[0].key, due[0].node, due[1])

    def _due(self) -> tuple[Breach, tuple[str, ...]] | None:
        """The injections to end, and the breach: all of this console, or those that a silent node kept."""
        breach, ids = self._breach, tuple(self._ours)
        if breach is None and self._ending is not None:
            # They end also where the cluster has recovered meanwhile, perhaps because the others were ended.
            breach, ids = self._ending[0], tuple(name for name in self._ending[1] if name in self._ours)
        return (breach, ids) if breach is not None and ids else None

    def _spared(self) -> set[str]:
        """The nodes that an injection of this console may cut off, as intended."""
        found = ((self._catalogue.get(anomaly), node) for anomaly, node in self._ours.values())
        return {node for anomaly, node in found if anomaly is not None and anomaly.cuts_off}
