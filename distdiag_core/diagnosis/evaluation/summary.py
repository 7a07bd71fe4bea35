"""Summary of replays of labelled cases: the results of an evaluation, with confidence intervals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.evaluation import accuracy, intervals, reliability
from distdiag_core.diagnosis.evaluation.misrankings import Misranking, confusion, misrankings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.accuracy import Detection, KindAccuracy
    from distdiag_core.diagnosis.evaluation.intervals import Interval
    from distdiag_core.diagnosis.evaluation.reliability import Bin
    from distdiag_core.diagnosis.evaluation.replay import Replay

Accuracy = dict[str, float]


@dataclass(frozen=True, slots=True)
class Category:
    """AC@k of the cases of one category or scenario, by k (`1`, `3`, `5`)."""

    cases: int
    ac: Accuracy


@dataclass(frozen=True, slots=True)
class Naming:
    """Accuracy of the root causes; None where no case is labelled.

    Attributes:
        ac: AC@k by k (`1`, `3`, `5`).
        macro_f1: of the root causes over their thresholds, so that naming too many counts.
        macro_f1_first: of as many of the first ones as there are true ones (Xiang et al., 2025).
        first_row_right: share of the anomalous seconds, after the first five, whose first row is right.
        placebo_ac1: AC@1 of the ticks before the onset.
    """

    ac: Accuracy | None
    macro_f1: float | None
    macro_f1_first: float | None = None
    first_row_right: float | None = None
    placebo_ac1: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Results of an evaluation.

    Attributes:
        by_category, by_scenario: by the names in the plan of the cases; by anomalies and nodes where there was none.
        placebo_ac1: AC@1 of the ticks before the onset, on `placebo_cases` cases; far above `chance` means that the
            cases can be told apart without any anomaly.
        intervals: 95 % confidence intervals by the name of the result.
        confusion: how often each true anomaly was predicted as which.
        baselines: accuracy of simpler methods trained and tested on the same cases.
        untrained: anomalies of the test cases that the model was not trained on; they count as missed.
    """

    cases: int
    naming: Naming
    by_category: Mapping[str, Category]
    by_scenario: Mapping[str, Category]
    by_anomaly: Mapping[str, KindAccuracy]
    placebo_ac1: float | None
    placebo_cases: int
    chance: float | None
    detection: Detection
    calibration_error: float | None
    reliability: tuple[Bin, ...]
    intervals: Mapping[str, Interval | None]
    confusion: Mapping[str, Mapping[str, int]]
    misrankings: tuple[Misranking, ...]
    baselines: Mapping[str, Naming]
    untrained: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `distdiag evaluate`."""
        return {
            "cases": self.cases,
            "ac": self.naming.ac,
            "macro_f1": self.naming.macro_f1,
            "macro_f1_first": self.naming.macro_f1_first,
            "first_row_right": self.naming.first_row_right,
            "by_category": {name: asdict(each) for name, each in self.by_category.items()},
            "by_scenario": {name: asdict(each) for name, each in self.by_scenario.items()},
            "f1_by_anomaly": {name: each.f1 for name, each in self.by_anomaly.items()},
            "by_anomaly": {name: asdict(each) for name, each in self.by_anomaly.items()},
            "placebo_ac1": self.placebo_ac1,
            "placebo_cases": self.placebo_cases,
            "chance": self.chance,
            "detection": asdict(self.detection),
            "calibration_error": self.calibration_error,
            "reliability": [asdict(each) for each in self.reliability],
            "intervals": {name: list(each) if each else None for name, each in self.intervals.items()},
            "confusion": {true: dict(row) for true, row in self.confusion.items()},
            "misrankings": [asdict(each) for each in self.misrankings],
            "baselines": {name: asdict(each) for name, each in self.baselines.items()},
            "not_trained_on": list(self.untrained),
        }


def summarize(replays: Sequence[Replay], baselines: Mapping[str, Sequence[Replay]]) -> Evaluation:
    """Evaluation from the replays of a model, and those of each baseline on the same cases."""
    placebo_ac1, placebo_cases = accuracy.placebo(replays)
    trained = {anomaly for each in replays for anomaly in each.anomalies}
    pairs = [accuracy.true_and_first(each) for each in replays]
    return Evaluation(
        len(replays),
        _naming(replays),
        _by(replays, lambda case: case.category or accuracy.scenario_name(case)),
        _by(replays, lambda case: case.scenario or accuracy.scenario_name(case)),
        accuracy.accuracy_by_anomaly([accuracy.true_and_named(each) for each in replays]),
        placebo_ac1,
        placebo_cases,
        accuracy.chance(replays),
        accuracy.detection(replays),
        reliability.calibration_error(replays),
        reliability.bins(replays),
        _intervals(replays),
        confusion(pairs),
        misrankings(replays),
        {name: _naming(each) for name, each in baselines.items()},
        tuple(sorted({label.anomaly for each in replays for label in each.case.labels} - trained)),
    )


def _naming(replays: Sequence[Replay]) -> Naming:
    placebo_ac1, _ = accuracy.placebo(replays)
    return Naming(
        accuracy.accuracy(replays),
        accuracy.macro_f1([accuracy.true_and_named(each) for each in replays]),
        accuracy.macro_f1([accuracy.true_and_first(each) for each in replays]),
        accuracy.first_row_right(replays),
        placebo_ac1,
    )


def _by(replays: Sequence[Replay], name_of: Callable[[Case], str]) -> dict[str, Category]:
    found: dict[str, list[Replay]] = {}
    for each in replays:
        if each.case.labels:
            found.setdefault(name_of(each.case), []).append(each)
    return {name: Category(len(each), accuracy.accuracy(each) or {}) for name, each in sorted(found.items())}


def _intervals(replays: Sequence[Replay]) -> dict[str, Interval | None]:
    labelled = [each for each in replays if each.case.labels]
    groups = [each.case.group or each.case.name for each in labelled]
    precisions = [accuracy.precision(each) for each in labelled]
    delays = [accuracy.detection_delay_s(each) for each in labelled]
    pairs = [accuracy.true_and_named(each) for each in replays]
    detection = accuracy.detection(replays)

    def median_delay(drawn: NDArray[np.intp]) -> float | None:
        known = [delay for place in drawn if (delay := delays[place]) is not None]
        return float(np.median(known)) if known else None

    found = {f"ac{k}": intervals.of_mean([each[str(k)] for each in precisions], groups) for k in accuracy.RANKS}
    return found | {
        "macro_f1": intervals.of_statistic(
            lambda drawn: accuracy.macro_f1([pairs[place] for place in drawn]),
            [each.case.group or each.case.name for each in replays],
        ),
        "recall": intervals.of_mean([float(delay is not None) for delay in delays], groups),
        "median_delay_s": intervals.of_statistic(median_delay, groups),
        "false_alarms_per_hour": intervals.of_rate(detection.false_alarms, detection.normal_hours),
    }
