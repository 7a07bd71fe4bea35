"""The recording of one case of a campaign: its load, anomalies and waits, one after the other.

All times are times of ticks, because labels are compared with ticks.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from distdiag_core.campaign import conditions
from distdiag_core.campaign.load_control import LoadControl
from distdiag_core.campaign.schedule import requests
from distdiag_core.campaign.steady_wait import SteadyWait
from distdiag_core.campaign.tick_watch import TickWatch
from distdiag_core.dataset.building.case_timeline import CaseTimeline
from distdiag_core.dataset.building.exclusion import InvalidCaseError, nodes_cut_off
from distdiag_core.dataset.building.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.dataset.building.case_builder import CaseBuilder
    from distdiag_core.dataset.case import Case
    from distdiag_core.runtime.operations import CampaignOperations


class CaseRunner:
    """Recorder of the cases of one campaign on one cluster.

    Args:
        builder: on the recording that `core` writes.
        say: called with each step, in words.
        longest_load_s: a load that nobody stops ends by itself after this time.
    """

    def __init__(
        self,
        campaign: Campaign,
        cluster: ClusterSettings,
        core: CampaignOperations,
        builder: CaseBuilder,
        say: Callable[[str], None],
        longest_load_s: float,
    ) -> None:
        self._campaign = campaign
        self._cluster = cluster
        self._core = core
        self._builder = builder
        self._say = say
        self._load = LoadControl(campaign, tuple(node.name for node in cluster.nodes), core, say, longest_load_s)
        self._watch = TickWatch(core, self._load)
        self._steady = SteadyWait(core, self._load, self._watch, campaign.settle_s, say)
        # Our possibly active injections, by anomaly and node: ids are unknown when injecting is interrupted.
        self._ours: frozenset[tuple[str, str]] = frozenset()

    async def prepare(self, load: str) -> None:
        """Create and fill the tables of `load`, once all nodes can be reached.

        Raises:
            DistdiagError: they cannot be reached within two minutes, or the tables not be filled.
        """
        await self._steady.for_cluster()
        await self._load.prepare(load)

    async def run(self, planned: PlannedCase) -> Case:
        """Record one case.

        Raises:
            InvalidCaseError: it is not what was planned; `reset` ends what it left on the cluster.
            DistdiagError: an operation failed; likewise.
        """
        await self._steady.for_load(planned.loads[0])
        timeline = await (self._run_injections(planned) if planned.injections else self._run_normal(planned))
        # It waits for the disk, which the loop must not.
        case = await asyncio.to_thread(self._builder.build, timeline)
        if case.excluded:
            raise InvalidCaseError(case.excluded, hint="this machine may have too much to do")
        return case

    async def reset(self) -> None:
        """End the load and our remaining injections, so that the next case begins on a clean cluster.

        Raises:
            UnreachableError: a node that may have one of them cannot be asked; the others are ended.
            DistdiagError: something cannot be ended.
        """
        self._steady.since_s = math.inf
        self._watch.cut_off, self._watch.asked_s = (), None
        injections = self._core.injections
        try:
            if self._ours:
                active, unasked = await injections.active(), injections.unasked
                left = [injection for injection in active if (injection.anomaly, injection.node) in self._ours]
                if left:
                    conditions.check_cleared(await injections.clear([injection.id for injection in left]), left)
                conditions.check_asked(unasked, {node for _, node in self._ours})
                self._ours = frozenset()
        finally:
            await self._load.stop()

    # The two kinds of cases

    async def _run_injections(self, planned: PlannedCase) -> CaseTimeline:
        self._say("before the anomaly")
        await self._watch.wait_until(self._steady.since_s + planned.before_s)
        asked_s = self._watch.now_s
        self._steady.remember_normal(asked_s - planned.before_s, asked_s)
        self._say("injecting")
        self._ours = frozenset((each.anomaly, each.node) for each in planned.injections)
        self._watch.cut_off, self._watch.asked_s = nodes_cut_off(self._ours, self._core.anomalies), asked_s
        since_s = await self._inject(planned)
        ours = tuple(since_s)
        self._say("during the anomaly")
        # The active time counts from the last proof, so that all anomalies of a case are there together for so long.
        await self._watch.wait_until(max(since_s.values()) + planned.during_s)
        await self._check_active(ours)
        until_s = self._watch.now_s
        self._say("clearing")
        conditions.check_cleared(await self._core.injections.clear([each.id for each in ours]), ours)
        self._ours = frozenset()
        self._watch.cut_off, self._watch.asked_s = (), None
        gone_s = self._watch.now_s
        self._say("after the anomaly")
        await self._steady.after_anomaly(gone_s + self._campaign.recovery_s, gone_s + planned.after_s)
        end_s = await self._watch.wait_until(gone_s + planned.after_s)
        spans = tuple(Span(each, asked_s, since_s[each], until_s, gone_s) for each in ours)
        return self._timeline(planned, asked_s - planned.before_s, end_s, asked_s, spans)

    async def _run_normal(self, planned: PlannedCase) -> CaseTimeline:
        self._say("normal load")
        start_s = await self._watch.wait_until(self._steady.since_s)
        end_s = await self._watch.wait_until(start_s + planned.during_s)
        for load in planned.loads[1:]:
            self._say(f"normal load, now changing to {load}")
            await self._load.change(load)
            end_s = await self._watch.wait_until(self._watch.now_s + planned.during_s)
        conditions.check_active(await self._core.injections.active(), ())
        if len(planned.loads) > 1:
            self._steady.settle()
        return self._timeline(planned, start_s, end_s)

    def _timeline(
        self,
        planned: PlannedCase,
        start_s: float,
        end_s: float,
        asked_s: float | None = None,
        spans: tuple[Span, ...] = (),
    ) -> CaseTimeline:
        return CaseTimeline(
            planned.name,
            planned.group,
            f"campaign {self._campaign.name} on cluster {self._cluster.name}",
            ", ".join(self._load.describe(load) for load in planned.loads),
            start_s,
            end_s,
            asked_s,
            spans,
            self._campaign.recovery_s,
            self._steady.since_s,
            scenario=planned.scenario or None,
            category=planned.category or None,
        )

    # Anomalies

    async def _inject(self, planned: PlannedCase) -> dict[Injection, float]:
        """Inject the anomalies of a case; each injection with the tick at which its effect was proved."""
        since_s: dict[Injection, float] = {}
        for request in requests(planned):
            injections = await self._core.injections.inject(await self._core.injections.plan(request))
            since_s.update(dict.fromkeys(injections, await self._watch.next_tick()))
        found = {(injection.anomaly, injection.node) for injection in since_s}
        for each in planned.injections:
            if (each.anomaly, each.node) not in found:
                raise InvalidCaseError(f"{each.anomaly} was not injected", where=each.node)
        conditions.check_active(tuple(since_s), tuple(since_s))
        return since_s

    async def _check_active(self, ours: Sequence[Injection]) -> None:
        try:
            conditions.check_active(await self._core.injections.active(), ours)
        except InvalidCaseError:
            # A node under a heavy anomaly may be too slow to answer the first time.
            conditions.check_active(await self._core.injections.active(), ours)
