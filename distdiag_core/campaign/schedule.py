"""What a campaign comes to: its cases, each with a name of its own, in the order in which they are recorded."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.campaign.campaign import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.campaign.campaign import Campaign, Normal, Scenario

# What injecting and clearing take beside the parts of a case, and starting or stopping clients, on three nodes.
_INJECTING_S = 5.0
_LOADING_S = 4.0


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case to be recorded.

    Attributes:
        name: of its directory.
        group: the same for the repeats of one set-up, whatever the load.
        loads: by name; the first one is there from the beginning, the others follow.
        injections: empty for a normal case, which has only a `during_s`, as long under each load.
    """

    name: str
    group: str
    loads: tuple[str, ...]
    during_s: float
    injections: tuple[Wanted, ...] = ()
    before_s: float = 0.0
    after_s: float = 0.0


def schedule(campaign: Campaign) -> tuple[PlannedCase, ...]:
    """All cases of `campaign` in their order, which is always the same for the same file.

    One pass over the loads a repeat, in shuffled order: changing the load between any two cases would take more time
    than the cases, and doing all of one load first would let the hour of the day tell the anomaly.
    """
    shuffled = random.Random(campaign.seed)  # noqa: S311 - an order, not a secret
    seen: Counter[str] = Counter()
    order: list[PlannedCase] = []
    for _, of_pass in itertools.groupby(_passes(campaign), key=lambda numbered: numbered[0]):
        cases = [_numbered(case, seen) for _, case in of_pass]
        loads = sorted({case.loads[0] for case in cases})
        shuffled.shuffle(loads)
        shuffled.shuffle(cases)
        order.extend(sorted(cases, key=lambda case: loads.index(case.loads[0])))
    return tuple(order)


def expected_s(cases: Sequence[PlannedCase], campaign: Campaign) -> float:
    """About how long recording `cases` takes."""
    total_s = 0.0
    load = None
    for case in cases:
        if case.loads[0] != load:
            total_s += _LOADING_S + campaign.settle_s + case.before_s
        # The end of a case is at the same time the beginning of the next one, once the recovery is over.
        shared_s = max(case.after_s, campaign.recovery_s + case.before_s) if case.injections else 0.0
        total_s += case.during_s * len(case.loads) + shared_s
        total_s += _INJECTING_S if case.injections else _LOADING_S * (len(case.loads) - 1)
        load = case.loads[-1]
    return total_s


def _passes(campaign: Campaign) -> list[tuple[int, PlannedCase]]:
    """Every case with the number of the repeat that it belongs to, by this number."""
    numbered = [
        *(pair for scenario in campaign.scenarios for pair in _of_scenario(scenario)),
        *(pair for normal in campaign.normal for pair in _of_normal(normal)),
    ]
    return sorted(numbered, key=lambda pair: pair[0])


def _of_scenario(scenario: Scenario) -> Iterator[tuple[int, PlannedCase]]:
    sets = [scenario.together] if scenario.together else _each(scenario)
    for repeat in range(scenario.repeats):
        for place, injections in enumerate(sets):
            load = scenario.loads[(place + repeat) % len(scenario.loads)]
            group = "+".join(f"{wanted.anomaly}-{wanted.node}-{wanted.severity}" for wanted in injections)
            case = PlannedCase(
                f"{group}-{load}", group, (load,), scenario.during_s, injections, scenario.before_s, scenario.after_s
            )
            yield repeat, case


def _each(scenario: Scenario) -> list[tuple[Wanted, ...]]:
    product = scenario.each
    if product is None:
        return []
    return [
        (Wanted(anomaly, node, severity),)
        for anomaly, node, severity in itertools.product(product.anomalies, product.nodes, product.severities)
    ]


def _of_normal(normal: Normal) -> Iterator[tuple[int, PlannedCase]]:
    group = f"normal-{'-'.join(normal.loads)}"
    for repeat in range(normal.repeats):
        yield repeat, PlannedCase(group, group, normal.loads, normal.for_s)


def _numbered(case: PlannedCase, seen: Counter[str]) -> PlannedCase:
    seen[case.name] += 1
    return replace(case, name=f"{case.name}-{seen[case.name]}")
