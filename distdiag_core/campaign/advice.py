"""Advice for a dataset: underrepresented anomalies, nodes, severities and loads, and a campaign that records them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.campaign.load import Load
from distdiag_core.dataset import statistics
from distdiag_core.settings import yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from distdiag_core.dataset.case import Case

# Enough cases for a model to separate an anomaly from the accidents of one run; of each load, one less.
ENOUGH = 3
_SEVERITIES = ("medium", "high")
_LOADS = {"rw2": Load(script="oltp_read_write", threads=2), "rw4": Load(script="oltp_read_write", threads=4)}
_DURING_S = 25.0
_LONGEST_NORMAL_S = 240.0


@dataclass(frozen=True, slots=True)
class Advice:
    """The underrepresented parts of a dataset, in words, and a campaign file that records them; empty where none is."""

    reasons: tuple[str, ...]
    campaign: dict[str, Any]

    def __str__(self) -> str:
        """The campaign file, with the reasons as comments in front."""
        comments = "".join(f"# {reason}\n" for reason in self.reasons)
        return comments + yaml_document.dump(self.campaign)


def advise(
    cases: Iterable[Case], anomalies: Sequence[str], nodes: Sequence[str], points: float = statistics.BALANCE_POINTS
) -> Advice:
    """Advice so that each of `anomalies` is often enough on each of `nodes`, and the dataset is balanced."""
    found = [case for case in cases if not case.excluded]
    plans = [_AnomalyPlan(anomaly, nodes, found) for anomaly in anomalies]
    for plan in plans:
        plan.fill()
    period_s = max((case.period_s for case in found), default=1.0)
    planned = sum(len(plan.planned) for plan in plans)
    normal_s, rounds, unbalanced = _to_balance(statistics.statistics(found, points), planned, points, period_s)
    for number in range(rounds if plans else 0):
        plans[number % len(plans)].add()
    reasons = [*(reason for plan in plans for reason in plan.reasons), *unbalanced]
    if not reasons:
        return Advice((), {})
    scenarios = [scenario for plan in plans for scenario in plan.scenarios()]
    return Advice(tuple(reasons), _campaign(scenarios, normal_s))


def _campaign(scenarios: list[dict[str, Any]], normal_s: float) -> dict[str, Any]:
    loads = {name: {"script": load.script, "threads": load.threads} for name, load in _LOADS.items()}
    data: dict[str, Any] = {"name": "advised", "seed": 1, "loads": loads}
    if scenarios:
        data["scenarios"] = scenarios
    if normal_s > 0:
        repeats = math.ceil(normal_s / _LONGEST_NORMAL_S / len(_LOADS))
        for_s = float(max(30, math.ceil(normal_s / repeats / len(_LOADS))))
        data["normal"] = [{"loads": [name], "for_s": for_s, "repeats": repeats} for name in _LOADS]
    return data


def _to_balance(
    known: statistics.Statistics, planned: int, points: float, period_s: float
) -> tuple[float, int, tuple[str, ...]]:
    """The seconds of normal operation and the anomalies that balance still needs after `planned` cases, and why."""
    normal, anomalous = known.normal, known.anomalous + round(planned * _DURING_S / period_s)
    # A case with an anomaly has about as much normal operation before and after it.
    after = statistics.balance(normal + round(planned * 35 / period_s), anomalous, points)
    if after.balanced:
        return 0.0, 0, ()
    reason = f"{after.word} to be in balance"
    missing_s = after.missing * period_s
    if after.normal_share < after.anomalous_share:
        return missing_s, 0, (reason,)
    return 0.0, math.ceil(missing_s / _DURING_S), (reason,)


class _AnomalyPlan:
    """The cases of one anomaly, recorded and planned; the rarest node, severity and load is planned next."""

    def __init__(self, anomaly: str, nodes: Sequence[str], cases: Sequence[Case]) -> None:
        self._anomaly = anomaly
        self._nodes = Counter(dict.fromkeys(nodes, 0))
        self._severities = Counter(dict.fromkeys(_SEVERITIES, 0))
        self._loads = Counter(dict.fromkeys(_LOADS, 0))
        for case in cases:
            labels = [label for label in case.labels if label.anomaly == anomaly]
            self._nodes.update(label.node for label in labels)
            self._severities.update(label.severity for label in labels if label.severity is not None)
            if labels:
                self._loads.update(name for name, load in _LOADS.items() if str(load) in (case.workload or ""))
        self.reasons = tuple(self._reasons())
        self.planned: list[tuple[str, str, str]] = []

    def fill(self) -> None:
        """Plan cases until no node, severity or load is underrepresented."""
        while any(self._underrepresented()):
            self.add()

    def add(self) -> None:
        """Plan one more case, on the rarest node, at the rarest severity, under the rarest load."""
        chosen = tuple(
            min(counts, key=lambda name: (counts[name], list(counts).index(name)))
            for counts in (self._nodes, self._severities, self._loads)
        )
        node, severity, load = chosen
        self._nodes[node] += 1
        self._severities[severity] += 1
        self._loads[load] += 1
        self.planned.append((node, severity, load))

    def scenarios(self) -> Iterator[dict[str, Any]]:
        """The planned cases as scenarios of a campaign file."""
        for (node, severity, load), repeats in Counter(self.planned).items():
            injection = {"anomaly": self._anomaly, "node": node, "severity": severity}
            yield {"loads": [load], "together": [injection], "repeats": repeats, "during_s": _DURING_S}

    def _underrepresented(self) -> Iterator[tuple[str, int, int]]:
        for counts, enough, words in (
            (self._nodes, ENOUGH, "on {}"),
            (self._severities, ENOUGH, "at severity {}"),
            (self._loads, ENOUGH - 1, "under load {}"),
        ):
            yield from ((words.format(name), count, enough) for name, count in counts.items() if count < enough)

    def _reasons(self) -> Iterator[str]:
        return (
            f"{self._anomaly} {words}: {count} of {enough} cases" for words, count, enough in self._underrepresented()
        )
