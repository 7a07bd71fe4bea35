"""Where cases are played: keeps the load and the calm between them, and cuts each case out of the history.

All times are those of ticks, because it is in the time of ticks that a case is labelled.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.campaign import calm, conditions
from distdiag_core.campaign.conditions import SpoiledError
from distdiag_core.campaign.loading import Loading
from distdiag_core.campaign.schedule import requests
from distdiag_core.dataset.building import cutting
from distdiag_core.dataset.case import Case, Label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.runtime.operations import CampaignOperations
    from distdiag_core.runtime.snapshot import Snapshot

# How long a node that is not up may take to come back before the case is given up, and a load that has stopped.
_PATIENCE_S = 120.0
# How long the load may go otherwise than before an anomaly; then this is what it is like now.
_RESTLESS_S = 30.0


class Stage:
    """One cluster in the hands of one campaign.

    Args:
        say: told what is being done at the moment, in plain words.
    """

    def __init__(
        self, campaign: Campaign, cluster: ClusterSettings, core: CampaignOperations, say: Callable[[str], None]
    ) -> None:
        self._campaign = campaign
        self._cluster = cluster
        self._core = core
        self._say = say
        self._loading = Loading(campaign, tuple(node.name for node in cluster.nodes), core, say)
        # Since when all has been normal under the load that runs, and a calm stretch to hold the present against.
        self._normal_since_s = math.inf
        self._past: tuple[float, float] | None = None
        # What of ours may be on the nodes, by anomaly and node: its ids are not known when injecting is cut short.
        self._ours: frozenset[tuple[str, str]] = frozenset()

    async def prepare(self, load: str) -> None:
        """Create and fill the tables that `load` works on, once all nodes can be reached.

        Raises:
            DistdiagError: they cannot be reached within two minutes, or the tables not be filled.
        """
        await self._come_to_rest()
        await self._loading.prepare(load)

    async def play(self, planned: PlannedCase) -> Case:
        """Record one case.

        Raises:
            SpoiledError: it came out otherwise than planned; whatever it left on the cluster is for `reset` to end.
            DistdiagError: a verb failed; likewise.
        """
        await self._get_ready(planned.loads[0])
        if planned.injections:
            return await self._play_injections(planned)
        return await self._play_normal(planned)

    async def reset(self) -> None:
        """End the load and what is left of our injections, so that the next case begins from scratch.

        Raises:
            UnreachableError: a node that may have one of them cannot be asked; the others are ended.
            DistdiagError: something cannot be ended.
        """
        self._normal_since_s = math.inf
        try:
            if self._ours:
                active, unasked = await self._core.injections.active(), self._core.injections.unasked
                left = [injection for injection in active if (injection.anomaly, injection.node) in self._ours]
                if left:
                    conditions.check_cleared(
                        await self._core.injections.clear([injection.id for injection in left]), left
                    )
                conditions.check_asked(unasked, {node for _, node in self._ours})
                self._ours = frozenset()
        finally:
            await self._loading.stop()

    # The two kinds of cases

    async def _play_injections(self, planned: PlannedCase) -> Case:
        self._say("before the anomaly")
        await self._wait_until(self._normal_since_s + planned.before_s)
        asked_s = self._now_s()
        self._past = (asked_s - planned.before_s, asked_s)
        self._say("injecting")
        self._ours = frozenset((wanted.anomaly, wanted.node) for wanted in planned.injections)
        ours, since_s = await self._inject(planned)
        self._say("during the anomaly")
        # The active time counts from the last proof, so that all anomalies of a case are there together for so long.
        await self._wait_until(max(since_s.values()) + planned.during_s)
        await self._check_active(ours)
        active_until_s = self._now_s()
        self._say("clearing")
        conditions.check_cleared(await self._core.injections.clear([injection.id for injection in ours]), ours)
        self._ours = frozenset()
        cleared_s = self._now_s()
        self._say("after the anomaly")
        self._normal_since_s = math.inf
        self._normal_since_s = await self._recovered(cleared_s + self._campaign.recovery_s, cleared_s + planned.after_s)
        end_s = await self._wait_until(cleared_s + planned.after_s)
        labels = tuple(
            Label(injection.anomaly, injection.node, since_s[injection.id], active_until_s, injection.severity)
            for injection in ours
        )
        course = cutting.Course(asked_s - planned.before_s, asked_s, self._normal_since_s, end_s)
        return self._cut(planned, course.start_s, end_s, labels, course.normal)

    async def _play_normal(self, planned: PlannedCase) -> Case:
        self._say("normal load")
        await self._wait_until(self._normal_since_s)
        start_s = self._now_s()
        end_s = await self._wait_until(start_s + planned.during_s)
        for load in planned.loads[1:]:
            self._say(f"normal load, now changing to {load}")
            await self._loading.change(load)
            end_s = await self._wait_until(self._now_s() + planned.during_s)
        conditions.check_active(await self._core.injections.active(), ())
        if len(planned.loads) > 1:
            self._settle()
        return self._cut(planned, start_s, end_s, (), ())

    # Anomalies

    async def _inject(self, planned: PlannedCase) -> tuple[list[Injection], dict[str, float]]:
        """What was injected, and by its id the tick at which it was proved."""
        ours: list[Injection] = []
        since_s: dict[str, float] = {}
        for request in requests(planned):
            injections = await self._core.injections.inject(await self._core.injections.plan(request))
            proved_s = await self._next_tick()
            ours.extend(injections)
            since_s.update((injection.id, proved_s) for injection in injections)
        found = {(injection.anomaly, injection.node) for injection in ours}
        for wanted in planned.injections:
            if (wanted.anomaly, wanted.node) not in found:
                raise SpoiledError(f"{wanted.anomaly} was not injected", where=wanted.node)
        conditions.check_active(ours, ours)
        return ours, since_s

    async def _check_active(self, ours: Sequence[Injection]) -> None:
        try:
            conditions.check_active(await self._core.injections.active(), ours)
        except SpoiledError:
            # A node in deep trouble may be too slow to answer the first time, and then it is left out.
            conditions.check_active(await self._core.injections.active(), ours)

    # Load and calm

    async def _get_ready(self, load: str) -> None:
        await self._come_to_rest()
        if load != self._loading.current:
            self._say(f"changing the load to {load}")
            await self._loading.change(load)
            self._settle()
        elif math.isinf(self._normal_since_s):
            self._normal_since_s = self._now_s()
        await self._wait_until(self._normal_since_s)
        if self._restless():
            self._normal_since_s = await self._recovered(self._now_s(), self._now_s() + _RESTLESS_S)
        if math.isinf(self._normal_since_s):
            # What the load does now is what it is like from now on, as long as it does anything.
            self._past = None
            self._normal_since_s = await self._recovered(self._now_s(), self._now_s() + _PATIENCE_S)
        if math.isinf(self._normal_since_s):
            raise SpoiledError(f"the load does not come to rest: {self._restless()}")

    def _settle(self) -> None:
        self._normal_since_s = self._now_s() + self._campaign.settle_s
        self._past = None

    async def _recovered(self, from_s: float, until_s: float) -> float:
        """The first tick from `from_s` on at which the load goes as it did; infinity where none is until `until_s`."""
        await self._wait_until(min(from_s, until_s))
        while reason := self._restless():
            if self._now_s() >= until_s:
                return math.inf
            self._say(f"waiting, because {reason}")
            await self._next_tick()
        return max(from_s, self._now_s())

    def _restless(self) -> str:
        snapshot = self._core.snapshot()
        return calm.restless(snapshot.window, self._past) if snapshot and self._loading.is_on else ""

    async def _come_to_rest(self) -> None:
        snapshot = await self._core.next_snapshot()
        give_up_s = snapshot.frame.time_s + _PATIENCE_S
        while reason := await self._not_ready(snapshot):
            self._say(f"waiting, because {reason}")
            if snapshot.frame.time_s > give_up_s:
                raise SpoiledError(f"the cluster does not come to rest: {reason}")
            # What a node does after its return, or after an anomaly that we know nothing of, is not normal at once.
            self._normal_since_s = snapshot.frame.time_s + self._campaign.settle_s
            snapshot = await self._core.next_snapshot()

    async def _not_ready(self, snapshot: Snapshot) -> str:
        if reason := conditions.nodes_not_up(snapshot):
            return reason
        active = await self._core.injections.active()
        return ", ".join(
            (
                *self._core.injections.unasked,
                *(f"{injection.anomaly} is active on {injection.node}" for injection in active),
            )
        )

    # Ticks

    def _now_s(self) -> float:
        snapshot = self._core.snapshot()
        if snapshot is None:
            raise SpoiledError("nothing was sampled yet")
        return snapshot.frame.time_s

    async def _next_tick(self) -> float:
        snapshot = await self._core.next_snapshot()
        conditions.check_tick(snapshot, loaded=self._loading.is_on)
        return snapshot.frame.time_s

    async def _wait_until(self, time_s: float) -> float:
        """Watch every tick up to the first one at `time_s` or later, and return its time."""
        now_s = self._now_s()
        while now_s < time_s:
            now_s = await self._next_tick()
        return now_s

    def _cut(
        self,
        planned: PlannedCase,
        start_s: float,
        end_s: float,
        labels: tuple[Label, ...],
        normal: tuple[tuple[float, float], ...],
    ) -> Case:
        snapshot = self._core.snapshot()
        if snapshot is None:
            raise SpoiledError("nothing was sampled yet")
        window = cutting.stretch(snapshot.window, start_s, end_s)
        if few := cutting.too_few_ticks(window, start_s, end_s, self._cluster.interval_s):
            raise SpoiledError(few, hint="this machine may have too much to do")
        return Case(
            planned.name,
            window,
            self._cluster.interval_s,
            labels,
            normal,
            planned.group,
            f"campaign {self._campaign.name} on cluster {self._cluster.name}",
            ", ".join(self._loading.describe(load) for load in planned.loads),
            planned.scenario or None,
            planned.category or None,
        )
