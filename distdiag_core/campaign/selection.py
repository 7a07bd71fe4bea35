"""The selection of scenarios from one or several campaign files, with another seed or other loads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.campaign.load import NO_LOAD
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.campaign.campaign import Campaign, Scenario
    from distdiag_core.campaign.load import Load

T = TypeVar("T")

# The name of the stretches without anomalies, among the names of scenarios.
NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Selection:
    """Options of a run that replace values of the file; None and empty ones leave the file as it is.

    Attributes:
        seed: another order, other nodes and severities to begin with.
        repeats: of every scenario.
        loads: dealt out over the scenarios instead of those in the file; normal stretches under others are left out.
        only: patterns of the scenarios' names, `normal` being that of the normal stretches.
    """

    seed: int | None = None
    repeats: int | None = None
    loads: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def of(self, campaign: Campaign) -> Campaign:
        """The selected part of `campaign`, with the replaced values.

        Raises:
            ConfigError: the file has no such load or scenario, or nothing is left.
        """
        self._check(campaign)
        scenarios = tuple(
            replace(each, loads=self.loads or each.loads, repeats=self.repeats or each.repeats)
            for each in campaign.scenarios
            if self._wants(each.name)
        )
        allowed = {*self.loads, NO_LOAD} if self.loads else {*campaign.loads, NO_LOAD}
        normal = tuple(each for each in campaign.normal if self._wants(NORMAL) and allowed.issuperset(each.loads))
        if not scenarios and not normal:
            raise ConfigError("nothing is left to record", where=f"campaign {campaign.name}")
        return replace(
            campaign,
            seed=campaign.seed if self.seed is None else self.seed,
            scenarios=scenarios,
            normal=normal,
        )

    def _wants(self, name: str) -> bool:
        return not self.only or any(fnmatchcase(name, pattern) for pattern in self.only)

    def _check(self, campaign: Campaign) -> None:
        where = f"campaign {campaign.name}"
        if unknown := [name for name in self.loads if name not in {*campaign.loads, NO_LOAD}]:
            known = ", ".join([*campaign.loads, NO_LOAD])
            raise ConfigError(f"has no load {', '.join(unknown)}", where=where, hint=f"it has {known}")
        names = [*(scenario.name for scenario in campaign.scenarios), *([NORMAL] if campaign.normal else [])]
        for pattern in self.only:
            if not any(fnmatchcase(name, pattern) for name in names):
                known = ", ".join(filter(None, dict.fromkeys(names)))
                raise ConfigError(f"has no scenario {pattern}", where=where, hint=f"it has {known}")


def together(campaigns: Sequence[Campaign]) -> Campaign:
    """The union of several campaigns, so that their cases are mixed and the load is changed seldom.

    Raises:
        ConfigError: a load or a scenario of the same name differs between them, or the tables do.
    """
    first, *others = campaigns
    if not others:
        return first
    if len({(each.tables, each.table_size) for each in campaigns}) > 1:
        raise ConfigError("want different tables", where=" and ".join(each.name for each in campaigns))
    loads: dict[str, Load] = {}
    scenarios: dict[str, Scenario] = {}
    for campaign in campaigns:
        _join(loads, campaign.loads, campaign.name)
        _join(scenarios, {scenario.name or str(scenario): scenario for scenario in campaign.scenarios}, campaign.name)
    return replace(
        first,
        name=".".join(dict.fromkeys(each.name for each in campaigns)),
        loads=loads,
        scenarios=tuple(scenarios.values()),
        normal=tuple(dict.fromkeys(stretch for each in campaigns for stretch in each.normal)),
        settle_s=max(each.settle_s for each in campaigns),
        recovery_s=max(each.recovery_s for each in campaigns),
    )


def _join(known: dict[str, T], more: dict[str, T], where: str) -> None:
    for name, value in more.items():
        if known.setdefault(name, value) != value:
            raise ConfigError(f"{name} is something else here than in the files before", where=f"campaign {where}")
