"""The watch over the ticks of a case: waiting for a time, and refusing ticks that make the case invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.campaign import conditions
from distdiag_core.dataset.building.exclusion import InvalidCaseError

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.campaign.load_control import LoadControl
    from distdiag_core.runtime.operations import CampaignOperations
    from distdiag_core.runtime.snapshot import Snapshot


class TickWatch:
    """A wait tick by tick, in which every tick must meet the conditions of a case.

    Attributes:
        cut_off: the nodes that an anomaly of the case may make unreachable.
        asked_s: when its anomalies were requested; None while there are none.
    """

    def __init__(self, core: CampaignOperations, load: LoadControl) -> None:
        self._core = core
        self._load = load
        self.cut_off: Collection[str] = ()
        self.asked_s: float | None = None

    def newest(self) -> Snapshot:
        """The newest snapshot.

        Raises:
            InvalidCaseError: there is none yet.
        """
        snapshot = self._core.snapshot()
        if snapshot is None:
            raise InvalidCaseError("nothing was sampled yet")
        return snapshot

    @property
    def now_s(self) -> float:
        """The time of the newest tick."""
        return self.newest().frame.time_s

    async def next_tick(self) -> float:
        """Wait for the next tick and return its time.

        Raises:
            InvalidCaseError: a node is lost, the load has stopped, or the abort rule has stepped in.
        """
        snapshot = await self._core.next_snapshot()
        conditions.check_tick(snapshot, loaded=self._load.is_on, cut_off=self.cut_off, asked_s=self.asked_s)
        return snapshot.frame.time_s

    async def wait_until(self, time_s: float) -> float:
        """Watch every tick up to the first one at `time_s` or later, and return its time."""
        now_s = self.now_s
        while now_s < time_s:
            now_s = await self.next_tick()
        return now_s
