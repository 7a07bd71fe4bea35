"""The run of an experiment: load, stable state, anomalies, recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.campaign.campaign import Campaign, Normal
from distdiag_core.campaign.load_control import LoadControl
from distdiag_core.campaign.steady_wait import SteadyWait
from distdiag_core.campaign.tick_watch import TickWatch
from distdiag_core.errors import DistdiagError
from distdiag_core.experiments import costs
from distdiag_core.experiments.experiment import ExperimentResult
from distdiag_core.experiments.load_series import LoadSeries
from distdiag_core.operations.compound_injection import PartState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from distdiag_core.anomalies.compound import CompoundPlan
    from distdiag_core.experiments.experiment import ExperimentPlan
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.runtime.operations import CampaignOperations

# After a change of load nothing is called stable for so long.
_SETTLE_S = 10.0
# A node may list an injection for so long after its deadline: it is asked now and then, and undoing takes its time.
_LINGERS_S = 60.0


class ExperimentRunner:
    """Runs one experiment on a running core.

    Args:
        say: called with each step, in words.
        confirmed: the name of a production cluster.
    """

    def __init__(
        self, plan: ExperimentPlan, core: CampaignOperations, say: Callable[[str], None], confirmed: str = ""
    ) -> None:
        self._plan = plan
        self._core = core
        self._say = say
        self._confirmed = confirmed
        kind = plan.load.kind
        campaign = Campaign("experiment", 0, {kind: plan.load}, normal=(Normal((kind,), plan.before_s),))
        nodes = tuple(node.name for node in core.cluster.nodes)
        # It ends by itself where this program is killed.
        longest_s = 2 * plan.length_s + 300.0
        self._load = LoadControl(campaign, nodes, core, say, longest_s, confirmed)
        self._watch = TickWatch(core, self._load)
        self._series = LoadSeries(core)
        self._steady = SteadyWait(core, self._load, self._watch, _SETTLE_S, say)

    async def run(self) -> ExperimentResult:
        """Run it to its end; the load is stopped and what is left of the anomalies is cleared in any case.

        Raises:
            RefusedError: a rule forbids one of the anomalies; nothing was started.
            DistdiagError: the load does not start or become stable, or a node was lost.
        """
        await self._core.next_snapshot()
        # Refused before there is any load.
        await self._core.injections.plan_compound(self._plan.request)
        began_s = self._watch.now_s
        async with self._series.following():
            start_s, act, end_s = await self._steps()
        series = self._series.window()
        return ExperimentResult(
            self._plan.name,
            self._core.cluster.name,
            self._plan.load_text,
            began_s,
            end_s,
            costs.part_costs(series, act, end_s),
            costs.stretches(series, act, start_s, end_s),
            "; ".join(act.problems),
        )

    async def _steps(self) -> tuple[float, CompoundStatus, float]:
        """The begin of the stable load, the anomalies with what became of them, and the end of the stretch after."""
        plan: CompoundPlan | None = None
        try:
            self._say("load: starting, and waiting until it is stable")
            await self._steady.for_load(self._plan.load.kind)
            start_s = self._steady.since_s
            self._say(f"before: {self._plan.before_s:.0f} s of stable load")
            await self._watch.wait_until(start_s + self._plan.before_s)
            plan = await self._core.injections.plan_compound(self._plan.request)
            act = await self._injected(plan)
            gone_s = self._watch.now_s
            self._say(f"after: {self._plan.after_s:.0f} s without anomalies")
            end_s = await self._until(gone_s + self._plan.after_s)
        finally:
            await self._end(plan)
        return start_s, act, end_s

    async def _injected(self, plan: CompoundPlan) -> CompoundStatus:
        """Inject, and wait until all of it has ended."""
        self._say("anomalies: injecting")
        status = await self._core.injections.inject_compound(plan, self._confirmed, self._say)
        if not any(part.state is PartState.ACTIVE for part in status.parts):
            return status
        deadline_s = (status.began_s or self._watch.now_s) + self._plan.request.length_s + _LINGERS_S
        self._say("anomalies: all begun, waiting for their end")
        while self._left(plan.ids) and self._watch.now_s < deadline_s:
            await self._core.next_snapshot()
        return self._core.injections.compound or status

    async def _until(self, time_s: float) -> float:
        # A node that an anomaly hurt may take its time: no condition of a case is asked.
        while self._watch.now_s < time_s:
            await self._core.next_snapshot()
        return self._watch.now_s

    def _left(self, ids: Collection[str]) -> bool:
        return any(injection.id in ids for injection in self._watch.newest().injections)

    async def _end(self, plan: CompoundPlan | None) -> None:
        try:
            await self._core.injections.call_off()
            if plan is not None and self._left(plan.ids):
                ours = [each.id for each in self._watch.newest().injections if each.id in plan.ids]
                self._say("anomalies: clearing what is left")
                await self._core.injections.clear(ours)
        except DistdiagError as error:
            self._say(f"not all is cleared: {error}; it ends by itself at its deadline")
        finally:
            self._say("load: stopping")
            await self._load.stop()
