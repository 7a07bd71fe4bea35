"""The load of a campaign: one benchmark at a time, with the tables of that benchmark alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.campaign import conditions
from distdiag_core.campaign.load import NO_LOAD
from distdiag_core.dataset.building.exclusion import InvalidCaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.runtime.operations import CampaignOperations

# How long clients may take to connect.
_STARTING_S = 30.0


class LoadControl:
    """Control of the benchmark that loads all of `nodes`.

    Args:
        longest_s: the load ends by itself after this time, so that it does not outlive a campaign that was killed.
        confirmed: the name of a production cluster.

    Attributes:
        current: the name of the load; None while that is unknown.
    """

    def __init__(
        self,
        campaign: Campaign,
        nodes: tuple[str, ...],
        core: CampaignOperations,
        say: Callable[[str], None],
        longest_s: float,
        confirmed: str = "",
    ) -> None:
        self._confirmed = confirmed
        self._longest_s = longest_s
        self.current: str | None = None
        self._campaign = campaign
        self._nodes = nodes
        self._core = core
        self._say = say
        self._is_ours = False
        # The prepared tables, as `Campaign.tables_of` describes them.
        self._tables: tuple[object, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether a load is expected to run."""
        return self.current != NO_LOAD

    async def prepare(self, load: str) -> None:
        """Prepare the tables of `load`, and drop those of the other benchmarks of the campaign.

        Anomalies on tables take the largest ones of the database, which have to be those in use.

        Raises:
            DistdiagError: the tables cannot be made or dropped.
        """
        if load == NO_LOAD or self._campaign.tables_of(load) == self._tables:
            return
        kind = self._campaign.loads[load].kind
        self._say(f"preparing the tables of {kind}")
        self._tables = ()
        others = {other.kind: name for name, other in self._campaign.loads.items() if other.kind != kind}
        for name in others.values():
            await self._core.workloads.cleanup(self._campaign.request(name, self._nodes), confirmed=self._confirmed)
        await self._core.workloads.prepare(self._campaign.request(load, self._nodes), confirmed=self._confirmed)
        self._tables = self._campaign.tables_of(load)

    async def change(self, load: str) -> None:
        """Stop the running load, start `load`, and wait until clients report from every node.

        Raises:
            InvalidCaseError: a node stays without clients.
            DistdiagError: an operation on the load failed.
        """
        self.current = None
        self._is_ours = True
        await self._core.workloads.stop()
        await self.prepare(load)
        if load != NO_LOAD:
            request = replace(self._campaign.request(load, self._nodes), duration_s=self._longest_s)
            await self._core.workloads.start(request, confirmed=self._confirmed)
            await self._wait_for_clients()
        self.current = load

    async def stop(self) -> None:
        """Stop the load, if this campaign has started it."""
        self.current = None
        if self._is_ours:
            await self._core.workloads.stop()

    def describe(self, load: str) -> str:
        """The load in words, as in the `workload` of a case."""
        return NO_LOAD if load == NO_LOAD else str(self._campaign.loads[load])

    async def _wait_for_clients(self) -> None:
        snapshot = await self._core.next_snapshot()
        give_up_s = snapshot.frame.time_s + _STARTING_S
        while not conditions.is_loaded(snapshot, self._nodes):
            if snapshot.frame.time_s > give_up_s:
                raise InvalidCaseError(f"the load did not start on every node within {_STARTING_S:g} s")
            snapshot = await self._core.next_snapshot()
