"""The wait for the steady state between the cases of a campaign: nodes up, nothing injected, the load stable."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.campaign.load_stability import LoadLevel, unstable
from distdiag_core.dataset.building.exclusion import InvalidCaseError
from distdiag_core.dataset.building.steady_state import nodes_not_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.campaign.load_control import LoadControl
    from distdiag_core.campaign.tick_watch import TickWatch
    from distdiag_core.runtime.operations import CampaignOperations
    from distdiag_core.runtime.snapshot import Snapshot

# After so long without a node or without load the case is given up.
_PATIENCE_S = 120.0
# A load that differs from the one before an anomaly for so long becomes the normal load.
_UNSTABLE_S = 30.0


class SteadyWait:
    """The wait for the steady state, before a case and after its anomalies.

    Args:
        settle_s: seconds after a change of load, or after the return of a node, that are not steady.

    Attributes:
        since_s: the begin of the steady state under the running load; infinite outside of it.
    """

    def __init__(
        self,
        core: CampaignOperations,
        load: LoadControl,
        watch: TickWatch,
        settle_s: float,
        say: Callable[[str], None],
    ) -> None:
        self._core = core
        self._load = load
        self._watch = watch
        self._settle_s = settle_s
        self._say = say
        self._normal: LoadLevel | None = None
        self.since_s = math.inf

    async def for_cluster(self) -> None:
        """Wait until all nodes are up and nothing is injected.

        Raises:
            InvalidCaseError: the cluster is not ready within two minutes.
        """
        snapshot = await self._core.next_snapshot()
        give_up_s = snapshot.frame.time_s + _PATIENCE_S
        while reason := await self._not_ready(snapshot):
            self._say(f"waiting, because {reason}")
            if snapshot.frame.time_s > give_up_s:
                raise InvalidCaseError(f"the cluster does not become steady: {reason}")
            # A node that came back, or one whose anomaly has ended, is not normal at once.
            self.since_s = snapshot.frame.time_s + self._settle_s
            snapshot = await self._core.next_snapshot()

    async def for_load(self, load: str) -> None:
        """Wait for the cluster, then for a stable load of this name; start it where another one runs.

        Raises:
            InvalidCaseError: the cluster or the load does not become steady.
        """
        await self.for_cluster()
        if load != self._load.current:
            self._say(f"changing the load to {load}")
            await self._load.change(load)
            self.settle()
        elif math.isinf(self.since_s):
            self.since_s = self._watch.now_s
        await self._watch.wait_until(self.since_s)
        if self._unstable():
            await self._until_stable(self._watch.now_s, self._watch.now_s + _UNSTABLE_S)
        if math.isinf(self.since_s):
            # The load of now is the normal one from now on, as long as anything finishes.
            self._normal = None
            await self._until_stable(self._watch.now_s, self._watch.now_s + _PATIENCE_S)
        if math.isinf(self.since_s):
            raise InvalidCaseError(f"the load does not become stable: {self._unstable()}")

    async def after_anomaly(self, from_s: float, until_s: float) -> None:
        """Wait for `from_s`, and then for a stable load, but not longer than to `until_s`."""
        self.since_s = math.inf
        await self._until_stable(from_s, until_s)

    def settle(self) -> None:
        """Restart the steady state after a change of load, whose normal level is unknown."""
        self.since_s = self._watch.now_s + self._settle_s
        self._normal = None

    def remember_normal(self, start_s: float, end_s: float) -> None:
        """Take the level of this stretch as the normal load."""
        self._normal = LoadLevel.between(self._watch.newest().window, start_s, end_s)

    async def _until_stable(self, from_s: float, until_s: float) -> None:
        """Set `since_s` to the first stable tick from `from_s` on; infinite where there is none until `until_s`."""
        await self._watch.wait_until(min(from_s, until_s))
        while reason := self._unstable():
            if self._watch.now_s >= until_s:
                self.since_s = math.inf
                return
            self._say(f"waiting, because {reason}")
            await self._watch.next_tick()
        self.since_s = max(from_s, self._watch.now_s)

    def _unstable(self) -> str:
        return unstable(self._watch.newest().window, self._normal) if self._load.is_on else ""

    async def _not_ready(self, snapshot: Snapshot) -> str:
        if reason := nodes_not_up(snapshot.nodes):
            return reason
        active = await self._core.injections.active()
        return ", ".join(
            (*self._core.injections.unasked, *(f"{each.anomaly} is active on {each.node}" for each in active))
        )
