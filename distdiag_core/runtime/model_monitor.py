"""The quality of the model in use, measured on known injections: hits and misses, and a proposal to retrain."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.incidents.validation import VALIDATED, Validation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.recording.journal import Journal

# Before that a window still holds much of the time before the injection.
_SETTLED_S = 8.0
_KEPT = 200
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class RetrainingRule:
    """When to propose retraining.

    Attributes:
        every_days: the age of a model at which it is due; 0 for never.
        recent: how many of the newest known injections count.
        surprise: the probability of so few hits, given the AC@1 of the evaluation, below which retraining is proposed.
    """

    every_days: float = 30.0
    recent: int = 20
    surprise: float = 0.01


def proposal(rule: RetrainingRule, age_s: float, ac1: float | None, hits: Sequence[bool]) -> str:
    """The reason to retrain, in a sentence; empty without one.

    Args:
        age_s: the age of the model.
        ac1: AC@1 of its own evaluation; None without one.
        hits: for each known injection, oldest first, whether it was ranked first for most of its duration.
    """
    recent = hits[-rule.recent :] if rule.recent else ()
    right = sum(recent)
    # An evaluation of few cases can say 1, which no model keeps.
    expected = min(ac1 if ac1 is not None else 0.9, 0.97)
    if recent and _binomial_cdf(right, len(recent), expected) < rule.surprise:
        return (
            f"of the last {len(recent)} known injections {right} were named first, where {expected:.0%} were expected: "
            "train anew, with cases of what is on now"
        )
    if rule.every_days and age_s > rule.every_days * _DAY_S:
        return f"the model is {age_s / _DAY_S:.0f} days old, the schedule is {rule.every_days:g}: train anew"
    return ""


def _binomial_cdf(right: int, trials: int, chance: float) -> float:
    """The binomial probability of at most `right` hits."""
    return math.fsum(
        math.comb(trials, hits) * chance**hits * (1 - chance) ** (trials - hits) for hits in range(right + 1)
    )


class ModelMonitor:
    """Hits and misses of the diagnosis on known injections; proposes retraining once for each model."""

    def __init__(self, journal: Journal, anomalies: AnomalyCatalogue, rule: RetrainingRule | None = None) -> None:
        self._journal, self._anomalies = journal, anomalies
        self._rule = rule or RetrainingRule()
        self._model: ModelStatus | None = None
        self._right: dict[str, list[bool]] = {}
        self._known: dict[str, Injection] = {}
        # By id, of those that have ended, oldest first.
        self._outcomes: dict[str, bool] = {}
        self._right_count = self._total = 0
        self._proposal = ""

    @property
    def validation(self) -> Validation:
        """Hits and misses since this model is in use."""
        return Validation(self._right_count, self._total, self._proposal)

    def hits(self) -> dict[str, bool]:
        """By id, whether an injection was a hit; of one that goes on, so far."""
        return self._outcomes | {name: _mostly(marks) for name, marks in self._right.items()}

    def on_tick(self, diagnosis: Diagnosis | None, injections: Sequence[Injection], model: ModelStatus | None) -> None:
        """Compare the diagnosis of a tick with the active injections."""
        if model is None:
            return
        if self._model is not model:
            self._model, self._right, self._known, self._outcomes = model, {}, {}, {}
            self._right_count, self._total, self._proposal = 0, 0, ""
        active = {each.id: each for each in injections if each.state is InjectionState.ACTIVE}
        for gone in self._right.keys() - active.keys():
            self._count(self._known[gone], self._right.pop(gone))
        self._known = active
        if diagnosis is not None and not diagnosis.note:
            self._mark(diagnosis, [each for each in active.values() if each.anomaly in model.anomalies])
        self._propose(model)

    def _mark(self, diagnosis: Diagnosis, known: Sequence[Injection]) -> None:
        """Of k simultaneous injections each is a hit when it is among the first k root causes."""
        first = {(cause.node, cause.anomaly) for cause in diagnosis.root_causes[: len(known)]}
        for each in known:
            if diagnosis.time_s >= each.started_s + _SETTLED_S:
                right = diagnosis.anomalous and (each.node, each.anomaly) in first
                self._right.setdefault(each.id, []).append(right)

    def _count(self, injection: Injection, marks: Sequence[bool]) -> None:
        """Count an injection that has ended, and note its outcome in the journal."""
        right = self._outcomes[injection.id] = _mostly(marks)
        for oldest in list(self._outcomes)[:-_KEPT]:
            del self._outcomes[oldest]
        self._right_count += right
        self._total += 1
        label = self._anomalies.label(injection.anomaly)
        said = f"{'named' if right else 'missed'} {label} on {injection.node}; {self.validation}"
        facts: dict[str, Any] = {VALIDATED: right, "injection": injection.id, "anomaly": injection.anomaly}
        self._journal.note("diagnosis", said, node=injection.node, **facts)

    def _propose(self, model: ModelStatus) -> None:
        if self._proposal:
            return
        age_s = 0.0 if model.made_s is None else time.time() - model.made_s
        if why := proposal(self._rule, age_s, model.ac1, tuple(self._outcomes.values())):
            self._proposal = why
            self._journal.note("diagnosis", f"model {model.name}: {why}", level="warning", retraining=True)


def _mostly(marks: Sequence[bool]) -> bool:
    return sum(marks) > len(marks) / 2
