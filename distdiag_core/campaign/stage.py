"""Where cases are played: keeps the load and the calm between them, and cuts each case out of the history.

All times are those of ticks, because it is in the time of ticks that a case is labelled.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.campaign import conditions
from distdiag_core.campaign.campaign import NO_LOAD
from distdiag_core.campaign.conditions import SpoiledError
from distdiag_core.diagnosis.case import Case, Label
from distdiag_core.recording import cutting
from distdiag_core.workloads.workload import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.campaign.verbs import Verbs
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.snapshot import Snapshot

# How long a node that is not up may take to come back before the case is given up.
_PATIENCE_S = 120.0
# How long clients may take to connect.
_STARTING_S = 30.0
# An injection outlives its case by this much if nobody can clear it, on top of what injecting the others takes.
_SLACK_S = 30.0


class Stage:
    """One cluster in the hands of one campaign.

    Args:
        say: told what is being done at the moment, in plain words.
    """

    def __init__(self, campaign: Campaign, cluster: ClusterSettings, verbs: Verbs, say: Callable[[str], None]) -> None:
        self._campaign = campaign
        self._cluster = cluster
        self._nodes = tuple(node.name for node in cluster.nodes)
        self._verbs = verbs
        self._say = say
        # The load that runs, None while that is unknown; and since when everything has been normal under it.
        self._load: str | None = None
        self._normal_since_s = math.inf
        self._load_is_ours = False
        # What of ours may be on the nodes, by anomaly and node: its ids are not known when injecting is cut short.
        self._ours: frozenset[tuple[str, str]] = frozenset()

    async def prepare(self) -> None:
        """Create and fill the tables that every load of the campaign works on, once all nodes can be reached.

        Raises:
            DistdiagError: they cannot be reached within two minutes, or the tables not be filled.
        """
        await self._come_to_rest()
        self._say("preparing the load")
        request = WorkloadRequest(nodes=self._nodes, options=self._campaign.options)
        await self._verbs.prepare_workload(request)

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
        self._load = None
        self._normal_since_s = math.inf
        try:
            if self._ours:
                active, unasked = await self._verbs.active(), self._verbs.unasked
                left = [injection for injection in active if (injection.anomaly, injection.node) in self._ours]
                if left:
                    conditions.check_cleared(await self._verbs.clear([injection.id for injection in left]), left)
                conditions.check_asked(unasked, {node for _, node in self._ours})
                self._ours = frozenset()
        finally:
            if self._load_is_ours:
                await self._verbs.stop_workload()

    # The two kinds of cases

    async def _play_injections(self, planned: PlannedCase) -> Case:
        self._say("before the anomaly")
        await self._wait_until(self._normal_since_s + planned.before_s)
        asked_s = self._now_s()
        self._say("injecting")
        self._ours = frozenset((wanted.anomaly, wanted.node) for wanted in planned.injections)
        ours, since_s = await self._inject(planned)
        self._say("during the anomaly")
        # The active time counts from the last proof, so that all anomalies of a case are there together for so long.
        await self._wait_until(max(since_s.values()) + planned.during_s)
        await self._check_active(ours)
        active_until_s = self._now_s()
        self._say("clearing")
        conditions.check_cleared(await self._verbs.clear([injection.id for injection in ours]), ours)
        self._ours = frozenset()
        cleared_s = self._now_s()
        self._normal_since_s = cleared_s + self._campaign.recovery_s
        self._say("after the anomaly")
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
            await self._change_load(load)
            end_s = await self._wait_until(self._now_s() + planned.during_s)
        conditions.check_active(await self._verbs.active(), ())
        return self._cut(planned, start_s, end_s, (), ())

    # Anomalies

    async def _inject(self, planned: PlannedCase) -> tuple[list[Injection], dict[str, float]]:
        """What was injected, and by its id the tick at which it was proved."""
        ours: list[Injection] = []
        since_s: dict[str, float] = {}
        for request in requests(planned):
            injections = await self._verbs.inject(await self._verbs.plan(request))
            proved_s = (await self._next_tick(loaded=self._load != NO_LOAD)).frame.time_s
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
            conditions.check_active(await self._verbs.active(), ours)
        except SpoiledError:
            # A node in deep trouble may be too slow to answer the first time, and then it is left out.
            conditions.check_active(await self._verbs.active(), ours)

    # Load and calm

    async def _get_ready(self, load: str) -> None:
        await self._come_to_rest()
        if load != self._load:
            self._say(f"changing the load to {load}")
            await self._change_load(load)
        elif math.isinf(self._normal_since_s):
            self._normal_since_s = self._now_s() + self._campaign.settle_s

    async def _come_to_rest(self) -> None:
        snapshot = await self._verbs.next_snapshot()
        give_up_s = snapshot.frame.time_s + _PATIENCE_S
        while reason := await self._not_ready(snapshot):
            self._say(f"waiting, because {reason}")
            if snapshot.frame.time_s > give_up_s:
                raise SpoiledError(f"the cluster does not come to rest: {reason}")
            # What a node does after its return, or after an anomaly that we know nothing of, is not normal at once.
            self._normal_since_s = math.inf
            snapshot = await self._verbs.next_snapshot()

    async def _not_ready(self, snapshot: Snapshot) -> str:
        if reason := conditions.nodes_not_up(snapshot):
            return reason
        active = await self._verbs.active()
        return ", ".join(
            (*self._verbs.unasked, *(f"{injection.anomaly} is active on {injection.node}" for injection in active))
        )

    async def _change_load(self, load: str) -> None:
        self._load = None
        self._load_is_ours = True
        await self._verbs.stop_workload()
        if load != NO_LOAD:
            await self._verbs.start_workload(self._campaign.request(load, self._nodes))
            await self._wait_for_clients()
        self._load = load
        self._normal_since_s = self._now_s() + self._campaign.settle_s

    async def _wait_for_clients(self) -> None:
        snapshot = await self._verbs.next_snapshot()
        give_up_s = snapshot.frame.time_s + _STARTING_S
        while not conditions.is_loaded(snapshot, self._nodes):
            if snapshot.frame.time_s > give_up_s:
                raise SpoiledError(f"the load did not start on every node within {_STARTING_S:g} s")
            snapshot = await self._verbs.next_snapshot()

    # Ticks

    def _now_s(self) -> float:
        snapshot = self._verbs.snapshot()
        if snapshot is None:
            raise SpoiledError("nothing was sampled yet")
        return snapshot.frame.time_s

    async def _next_tick(self, *, loaded: bool) -> Snapshot:
        snapshot = await self._verbs.next_snapshot()
        conditions.check_tick(snapshot, loaded=loaded)
        return snapshot

    async def _wait_until(self, time_s: float) -> float:
        """Watch every tick up to the first one at `time_s` or later, and return its time."""
        now_s = self._now_s()
        while now_s < time_s:
            now_s = (await self._next_tick(loaded=self._load != NO_LOAD)).frame.time_s
        return now_s

    def _cut(
        self,
        planned: PlannedCase,
        start_s: float,
        end_s: float,
        labels: tuple[Label, ...],
        normal: tuple[tuple[float, float], ...],
    ) -> Case:
        snapshot = self._verbs.snapshot()
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
            ", ".join(self._describe(load) for load in planned.loads),
        )

    def _describe(self, load: str) -> str:
        if load == NO_LOAD:
            return NO_LOAD
        level = self._campaign.loads[load]
        return f"sysbench {level.script}, {level.threads} threads a node{f', {level.rate}/s' if level.rate else ''}"


def requests(planned: PlannedCase) -> list[InjectionRequest]:
    """The injections of a case as the runtime takes them: one request for all nodes that get the same."""
    nodes = defaultdict(list)
    for wanted in planned.injections:
        nodes[wanted.anomaly, wanted.severity].append(wanted.node)
    duration_s = planned.during_s + _SLACK_S
    return [
        InjectionRequest(anomaly, tuple(names), severity, duration_s) for (anomaly, severity), names in nodes.items()
    ]
