"""What tracks of labelled cases come to: the figures of an evaluation, each with how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.evaluation import accuracy, intervals, reliability
from distdiag_core.diagnosis.evaluation.misrankings import Mistake, confusion, mistakes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.accuracy import Detection
    from distdiag_core.diagnosis.evaluation.intervals import Interval
    from distdiag_core.diagnosis.evaluation.reliability import Bin
    from distdiag_core.diagnosis.evaluation.replay import Track

Accuracy = dict[str, float]


@dataclass(frozen=True, slots=True)
class Category:
    """The cases of one category or scenario."""

    cases: int
    ac: Accuracy


@dataclass(frozen=True, slots=True)
class Naming:
    """How well root causes are named, by k (`1`, `3`, `5`); None where no case is labelled."""

    ac: Accuracy | None
    macro_f1: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found.

    Attributes:
        by_category, by_scenario: as the plan of the cases called them; by anomalies and nodes where there was none.
        placebo_ac1: AC@1 from the rows before the onset, on `placebo_cases` cases; far over `chance` means that the
            cases can be told apart without any anomaly.
        intervals: 95 % confidence intervals of figures by their names.
        confusion: how often each true anomaly was told as what.
        baselines: the same cases by other recipes trained on the same cases.
        skipped: anomalies in the test cases that the model was never taught; they count as missed.
    """

    cases: int
    naming: Naming
    by_category: Mapping[str, Category]
    by_scenario: Mapping[str, Category]
    f1_by_anomaly: Mapping[str, float]
    placebo_ac1: float | None
    placebo_cases: int
    chance: float | None
    detection: Detection
    calibration_error: float | None
    reliability: tuple[Bin, ...]
    intervals: Mapping[str, Interval | None]
    confusion: Mapping[str, Mapping[str, int]]
    mistakes: tuple[Mistake, ...]
    baselines: Mapping[str, Naming]
    skipped: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `distdiag evaluate`."""
        return {
            "cases": self.cases,
            "ac": self.naming.ac,
            "macro_f1": self.naming.macro_f1,
            "by_category": {name: asdict(each) for name, each in self.by_category.items()},
            "by_scenario": {name: asdict(each) for name, each in self.by_scenario.items()},
            "f1_by_anomaly": dict(self.f1_by_anomaly),
            "placebo_ac1": self.placebo_ac1,
            "placebo_cases": self.placebo_cases,
            "chance": self.chance,
            "detection": asdict(self.detection),
            "calibration_error": self.calibration_error,
            "reliability": [asdict(each) for each in self.reliability],
            "intervals": {name: list(each) if each else None for name, each in self.intervals.items()},
            "confusion": {true: dict(told) for true, told in self.confusion.items()},
            "mistakes": [asdict(each) for each in self.mistakes],
            "baselines": {name: asdict(each) for name, each in self.baselines.items()},
            "never_taught": list(self.skipped),
        }


def judge(tracks: Sequence[Track], others: Mapping[str, Sequence[Track]]) -> Evaluation:
    """The evaluation of tracks, with those of baselines on the same cases."""
    placebo_ac1, placebo_cases = accuracy.placebo(tracks)
    taught = {anomaly for each in tracks for anomaly in each.anomalies}
    pairs = [accuracy.named(each) for each in tracks]
    return Evaluation(
        len(tracks),
        _naming(tracks),
        _by(tracks, lambda case: case.category or accuracy.set_up_of(case)),
        _by(tracks, lambda case: case.scenario or accuracy.set_up_of(case)),
        accuracy.f1_by_anomaly(pairs),
        placebo_ac1,
        placebo_cases,
        accuracy.chance(tracks),
        accuracy.detection(tracks),
        reliability.calibration_error(tracks),
        reliability.bins(tracks),
        _intervals(tracks),
        confusion(pairs),
        mistakes(tracks),
        {name: _naming(each) for name, each in others.items()},
        tuple(sorted({label.anomaly for each in tracks for label in each.case.labels} - taught)),
    )


def _naming(tracks: Sequence[Track]) -> Naming:
    return Naming(accuracy.accuracy(tracks), accuracy.macro_f1([accuracy.named(each) for each in tracks]))


def _by(tracks: Sequence[Track], name_of: Callable[[Case], str]) -> dict[str, Category]:
    found: dict[str, list[Track]] = {}
    for each in tracks:
        if each.case.labels:
            found.setdefault(name_of(each.case), []).append(each)
    return {name: Category(len(each), accuracy.accuracy(each) or {}) for name, each in sorted(found.items())}


def _intervals(tracks: Sequence[Track]) -> dict[str, Interval | None]:
    labelled = [each for each in tracks if each.case.labels]
    groups = [each.case.group or each.case.name for each in labelled]
    precisions = [accuracy.precision(each) for each in labelled]
    delays = [accuracy.noticed(each) for each in labelled]
    pairs = [accuracy.named(each) for each in tracks]
    detection = accuracy.detection(tracks)

    def median_delay(drawn: NDArray[np.intp]) -> float | None:
        known = [delay for place in drawn if (delay := delays[place]) is not None]
        return float(np.median(known)) if known else None

    found = {f"ac{k}": intervals.of_mean([each[str(k)] for each in precisions], groups) for k in accuracy.RANKS}
    return found | {
        "macro_f1": intervals.of_statistic(
            lambda drawn: accuracy.macro_f1([pairs[place] for place in drawn]),
            [each.case.group or each.case.name for each in tracks],
        ),
        "recall": intervals.of_mean([float(delay is not None) for delay in delays], groups),
        "median_delay_s": intervals.of_statistic(median_delay, groups),
        "false_alarms_per_hour": intervals.of_rate(detection.false_alarms, detection.normal_hours),
    }
