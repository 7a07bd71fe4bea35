"""The unattended run of a campaign, which continues where an earlier run has stopped."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.campaign import safety
from distdiag_core.campaign.case_runner import CaseRunner
from distdiag_core.campaign.ledger import Ledger
from distdiag_core.campaign.schedule import expected_s, requests, schedule
from distdiag_core.dataset.building.case_builder import CaseBuilder
from distdiag_core.errors import ConfigError, DistdiagError, RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.campaign.schedule import PlannedCase
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.runtime.operations import CampaignOperations

# So many failures in a row mean a broken cluster, which more cases would only damage.
_FAILURES_IN_A_ROW = 6
# Leaving must end, even on a cluster that does not answer any more; then the leases end what is left.
_LEAVING_S = 60.0
# The load of a campaign that was killed ends by itself. Cases are repeated and waited for, and a load that ends too
# early costs the case that it ends in.
_LEAST_LOAD_S, _LONGER_THAN_PLANNED = 3600.0, 3.0


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a campaign.

    Attributes:
        done: cases that are finished, those of earlier runs included.
        case: the one that is being recorded.
        doing: the current step, or why the last case failed, in words.
        left_s: estimated seconds of the rest.
    """

    done: int
    total: int
    case: str
    doing: str
    left_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a campaign; `failed` has the reasons by case. Another run tries these again."""

    done: int
    total: int
    failed: dict[str, str]


async def run(
    campaign: Campaign, core: CampaignOperations, out_dir: Path, progress: Callable[[Progress], None]
) -> Outcome:
    """Record the cases of `campaign` that are missing in `out_dir`.

    A case that fails is tried once more at the end. However it ends, also by cancellation: injections are cleared, the
    load is stopped, and another run continues.

    Raises:
        ConfigError: the campaign does not fit the cluster, or `core` records nothing.
        RefusedError: a safety rule forbids it, or somebody else's injection is active.
        DistdiagError: the directory cannot be written, the load not be prepared, or too many cases failed in a row.
    """
    cluster = core.cluster
    planned = schedule(campaign, tuple(node.name for node in cluster.nodes))
    ledger = Ledger(out_dir, campaign)
    missing = [case for case in planned if not ledger.has(case.name)]
    await _check(missing, campaign, cluster, core)
    rounds = _Rounds(campaign, ledger, missing, len(planned), progress)
    longest_load_s = max(_LEAST_LOAD_S, _LONGER_THAN_PLANNED * expected_s(missing, campaign))
    cases = CaseRunner(campaign, cluster, core, _builder(core), rounds.say, longest_load_s)
    try:
        if missing:
            await cases.prepare(missing[0].loads[0])
        return await rounds.run(cases)
    finally:
        await _leave(cases)


def _builder(core: CampaignOperations) -> CaseBuilder:
    if core.recording is None:
        raise ConfigError(
            "cases are made from the recording, and nothing is recorded",
            where="campaign run",
            hint="start the core with a recording",
        )
    return CaseBuilder.on(core.recording)


async def _leave(cases: CaseRunner) -> None:
    try:
        async with asyncio.timeout(_LEAVING_S):
            await cases.reset()
    except TimeoutError as error:
        raise UnreachableError(
            f"the cluster could not be left clean within {_LEAVING_S:g} s",
            hint="injections end by themselves at their deadlines; `distdiag injections` shows what is left",
        ) from error


async def _check(
    cases: list[PlannedCase], campaign: Campaign, cluster: ClusterSettings, core: CampaignOperations
) -> None:
    """Check all cases before the first one: an unattended run should not be refused in its middle."""
    known = {node.name for node in cluster.nodes}
    planned = {injection for case in cases for injection in case.injections}
    if unknown := sorted({injection.node for injection in planned} - known):
        raise ConfigError(
            f"names nodes that cluster {cluster.name} does not have: {', '.join(unknown)}",
            where=f"campaign {campaign.name}",
            hint=f"its nodes are: {', '.join(sorted(known))}",
        )
    safety.check(cases, cluster, core.anomalies)
    if active := await core.injections.active():
        names = ", ".join(f"{injection.anomaly} on {injection.node}" for injection in active)
        raise RefusedError(
            f"injections are active already: {names}",
            where=f"campaign {campaign.name}",
            hint="no case could be labelled right; clear them first",
        )
    for request in dict.fromkeys(request for case in cases for request in requests(case)):
        # A node that is away at the moment is waited for when its turn comes.
        with suppress(UnreachableError):
            await core.injections.plan(request)


class _Rounds:
    """The queue of the remaining cases; a failed one is queued once more."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        missing: list[PlannedCase],
        total: int,
        progress: Callable[[Progress], None],
    ) -> None:
        self._campaign = campaign
        self._ledger = ledger
        self._left = deque(missing)
        self._total = total
        self._done = total - len(missing)
        self._failed: dict[str, str] = {}
        self._progress = progress
        self._case = ""

    def say(self, doing: str) -> None:
        left_s = expected_s(tuple(self._left), self._campaign)
        self._progress(Progress(self._done, self._total, self._case, doing, left_s))

    async def run(self, cases: CaseRunner) -> Outcome:
        in_a_row = 0
        while self._left:
            planned = self._left[0]
            self._case = planned.name
            try:
                case = await cases.run(planned)
            except DistdiagError as error:
                in_a_row += 1
                await self._fail(planned, str(error), cases)
                if in_a_row == _FAILURES_IN_A_ROW:
                    raise DistdiagError(
                        f"{in_a_row} cases failed in a row, the last one because: {error}",
                        where=f"campaign {self._campaign.name}",
                        hint="look after the cluster, then run it again: it goes on where it stopped",
                    ) from error
            else:
                in_a_row = 0
                # Packed and forced to the disk, which takes longer than the loop may stand still.
                await asyncio.to_thread(self._ledger.keep, case)
                self._left.popleft()
                self._failed.pop(planned.name, None)
                self._done += 1
                self.say("done")
        return Outcome(self._done, self._total, self._failed)

    async def _fail(self, planned: PlannedCase, reason: str, cases: CaseRunner) -> None:
        self._ledger.note_failure(planned.name, reason)
        self._left.popleft()
        if planned.name not in self._failed:
            self._left.append(planned)
        self._failed[planned.name] = reason
        self.say(f"failed: {reason}")
        try:
            await cases.reset()
        except DistdiagError as error:
            # The next case waits until it has succeeded.
            self.say(f"could not be tidied up at once: {error}")
