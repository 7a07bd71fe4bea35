"""The schedule of a campaign: its cases with unique names, in the order in which they are recorded."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.campaign.campaign import CaseInjection
from distdiag_core.campaign.rotation import Rotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.campaign.campaign import Campaign, Normal, Scenario

# Measured on three nodes: injecting and clearing beside the parts of a case, starting or stopping clients, and
# preparing the tables of another benchmark.
_INJECTING_S = 6.0
_LOADING_S = 4.0
_PREPARING_S = 20.0
# The lease of an injection outlasts its case by so much, and by as much again for each injection that begins later.
_SLACK_S = 30.0


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case to be recorded.

    Attributes:
        name: of its directory.
        group: the same for the repeats of one set-up, whatever the load.
        loads: by name; the first one is there from the beginning, the others follow.
        injections: empty for a normal case, which has only a `during_s`, as long under each load.
        scenario, category: as in the campaign file; empty for a normal case.
    """

    name: str
    group: str
    loads: tuple[str, ...]
    during_s: float
    injections: tuple[CaseInjection, ...] = ()
    before_s: float = 0.0
    after_s: float = 0.0
    scenario: str = ""
    category: str = ""

    @property
    def length_s(self) -> float:
        """The seconds of all parts together."""
        return self.before_s + self.during_s * len(self.loads) + self.after_s

    @property
    def summary(self) -> str:
        """The injections in words; empty for a normal case."""
        return ", ".join(f"{each.anomaly} {each.severity} on {'+'.join(each.nodes)}" for each in requests(self))


def schedule(campaign: Campaign, nodes: Sequence[str]) -> tuple[PlannedCase, ...]:
    """The ordered cases of `campaign` on a cluster of `nodes`; the same for the same file and seed.

    One pass over the loads a repeat, in shuffled order: changing the load between any two cases would take more time
    than the cases, and recording all of one load first would correlate the anomaly with the hour of the day.
    """
    shuffled = random.Random(campaign.seed)  # noqa: S311 - an order, not a secret
    seen: Counter[str] = Counter()
    order: list[PlannedCase] = []
    for _, of_pass in itertools.groupby(_passes(campaign, nodes), key=lambda numbered: numbered[0]):
        cases = [_numbered(case, seen) for _, case in of_pass]
        loads = sorted({case.loads[0] for case in cases})
        shuffled.shuffle(loads)
        if order and order[-1].loads[-1] in loads:
            # What is running already need not be changed.
            loads.remove(order[-1].loads[-1])
            loads.insert(0, order[-1].loads[-1])
        shuffled.shuffle(cases)
        order.extend(sorted(cases, key=lambda case: loads.index(case.loads[0])))
    return tuple(order)


def expected_s(cases: Sequence[PlannedCase], campaign: Campaign) -> float:
    """The estimated seconds of recording `cases`."""
    total_s = 0.0
    load = kind = None
    for case in cases:
        if case.loads[0] != load:
            total_s += _LOADING_S + campaign.settle_s + case.before_s
        # The end of a case is at the same time the beginning of the next one, once the recovery is over.
        shared_s = max(case.after_s, campaign.recovery_s + case.before_s) if case.injections else 0.0
        total_s += case.during_s * len(case.loads) + shared_s
        total_s += _INJECTING_S if case.injections else _LOADING_S * (len(case.loads) - 1)
        load = case.loads[-1]
        for each in filter(None, map(campaign.loads.get, case.loads)):
            total_s += _PREPARING_S if each.kind != kind else 0.0
            kind = each.kind
    return total_s


def requests(planned: PlannedCase) -> list[InjectionRequest]:
    """The injection requests of a case: one for all nodes that get the same anomaly at the same severity."""
    nodes = defaultdict(list)
    for each in planned.injections:
        nodes[each.anomaly, each.severity].append(each.node)
    duration_s = planned.during_s + _SLACK_S * len(nodes)
    return [
        InjectionRequest(anomaly, tuple(names), severity, duration_s) for (anomaly, severity), names in nodes.items()
    ]


def _passes(campaign: Campaign, nodes: Sequence[str]) -> list[tuple[int, PlannedCase]]:
    """The cases with the numbers of their repeats, sorted by these."""
    numbered = [
        *(
            pair
            for scenario in campaign.scenarios
            for pair in _of_scenario(scenario, Rotation(campaign.seed, scenario, nodes))
        ),
        *(pair for normal in campaign.normal for pair in _of_normal(normal)),
    ]
    return sorted(numbered, key=lambda pair: pair[0])


def _of_scenario(scenario: Scenario, rotation: Rotation) -> Iterator[tuple[int, PlannedCase]]:
    for repeat in range(scenario.repeats):
        sets = [rotation.injections(repeat)] if scenario.rotate else _sets(scenario)
        for number, injections in enumerate(sets):
            yield repeat, _case(scenario, injections, rotation.load(repeat, number))


def _case(scenario: Scenario, injections: tuple[CaseInjection, ...], load: str) -> PlannedCase:
    if scenario.name:
        hit = Counter(each.node for each in injections)
        # Where one anomaly is on all nodes and another on one of them, the latter one names the group.
        group = f"{scenario.name}-{'+'.join(sorted(node for node in hit if hit[node] == max(hit.values())))}"
        severities = dict.fromkeys((each.anomaly, each.severity) for each in injections)
        name = f"{group}-{'+'.join(severity for _, severity in severities)}-{load}"
    else:
        group = "+".join(f"{each.anomaly}-{each.node}-{each.severity}" for each in injections)
        name = f"{group}-{load}"
    return PlannedCase(
        name,
        group,
        (load,),
        scenario.during_s,
        injections,
        scenario.before_s,
        scenario.after_s,
        scenario.name or "+".join(dict.fromkeys(each.anomaly for each in injections)),
        scenario.category,
    )


def _sets(scenario: Scenario) -> list[tuple[CaseInjection, ...]]:
    return [scenario.together] if scenario.together else _each(scenario)


def _each(scenario: Scenario) -> list[tuple[CaseInjection, ...]]:
    product = scenario.each
    if product is None:
        return []
    return [
        (CaseInjection(anomaly, node, severity),)
        for anomaly, node, severity in itertools.product(product.anomalies, product.nodes, product.severities)
    ]


def _of_normal(normal: Normal) -> Iterator[tuple[int, PlannedCase]]:
    group = f"normal-{'-'.join(normal.loads)}"
    for repeat in range(normal.repeats):
        yield repeat, PlannedCase(group, group, normal.loads, normal.for_s)


def _numbered(case: PlannedCase, seen: Counter[str]) -> PlannedCase:
    seen[case.name] += 1
    return replace(case, name=f"{case.name}-{seen[case.name]}")
