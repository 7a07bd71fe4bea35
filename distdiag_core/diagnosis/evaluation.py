"""The judgement of a model on cases that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.diagnosis import baseline, measures, track, training
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.measures import Detection
    from distdiag_core.diagnosis.model import Model
    from distdiag_core.diagnosis.track import Track

Accuracy = dict[str, float]


@dataclass(frozen=True, slots=True)
class Category:
    """The cases of one scenario."""

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
        placebo_ac1: AC@1 from the rows before the onset, on `placebo_cases` cases; far over `chance` means that the
            cases can be told apart without any anomaly.
        baselines: the same cases by other recipes trained on the same cases.
        skipped: anomalies in the test cases that the model was never taught; they count as missed.
    """

    cases: int
    naming: Naming
    by_category: Mapping[str, Category]
    placebo_ac1: float | None
    placebo_cases: int
    chance: float | None
    detection: Detection
    baselines: Mapping[str, Naming]
    skipped: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `distdiag evaluate`."""
        return {
            "cases": self.cases,
            "ac": self.naming.ac,
            "macro_f1": self.naming.macro_f1,
            "by_category": {name: {"cases": each.cases, "ac": each.ac} for name, each in self.by_category.items()},
            "placebo_ac1": self.placebo_ac1,
            "placebo_cases": self.placebo_cases,
            "chance": self.chance,
            "detection": {
                "recall": self.detection.recall,
                "median_delay_s": self.detection.median_delay_s,
                "false_alarms_per_hour": self.detection.false_alarms_per_hour,
                "normal_hours": self.detection.normal_hours,
            },
            "baselines": {name: {"ac": each.ac, "macro_f1": each.macro_f1} for name, each in self.baselines.items()},
            "never_taught": list(self.skipped),
        }


def evaluate(model: Model, test: Sequence[Case], *, train: Sequence[Case] = ()) -> Evaluation:
    """Judge `model` on `test`; with the cases that it was trained on, baselines are trained and judged beside it."""
    others = {}
    if train:
        paper = baseline.train(train)
        others[baseline.NAME] = [baseline.follow(paper, case) for case in test]
    return _judge([track.follow(model, case) for case in test], others)


def cross_validate(cases: Sequence[Case], folds: int = 2) -> Evaluation:
    """Judge on one directory: train and test by turns, with groups never split.

    Raises:
        DataError: there are too few groups for that.
    """
    fold = training.folds(cases, folds)
    if len(set(fold.tolist())) < folds:
        raise DataError("all cases are of one group", hint="record repeats in groups of their own, or name test cases")
    ours: list[Track] = []
    papers: list[Track] = []
    for held_out in range(folds):
        rest = [case for case, of in zip(cases, fold, strict=True) if of != held_out]
        test = [case for case, of in zip(cases, fold, strict=True) if of == held_out]
        model = training.train(rest, "cross-validation")
        ours += [track.follow(model, case) for case in test]
        paper = baseline.train(rest)
        papers += [baseline.follow(paper, case) for case in test]
    return _judge(ours, {baseline.NAME: papers})


def _judge(tracks: Sequence[Track], others: Mapping[str, Sequence[Track]]) -> Evaluation:
    by_category: dict[str, list[Track]] = {}
    for each in tracks:
        if each.case.labels:
            by_category.setdefault(measures.category_of(each.case), []).append(each)
    placebo_ac1, placebo_cases = measures.placebo(tracks)
    taught = {anomaly for each in tracks for anomaly in each.anomalies}
    return Evaluation(
        len(tracks),
        _naming(tracks),
        {name: Category(len(each), measures.accuracy(each) or {}) for name, each in sorted(by_category.items())},
        placebo_ac1,
        placebo_cases,
        measures.chance(tracks),
        measures.detection(tracks),
        {name: _naming(each) for name, each in others.items()},
        tuple(sorted({label.anomaly for each in tracks for label in each.case.labels} - taught)),
    )


def _naming(tracks: Sequence[Track]) -> Naming:
    return Naming(measures.accuracy(tracks), measures.macro_f1(tracks))
