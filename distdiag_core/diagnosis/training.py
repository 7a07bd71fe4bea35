"""Cases in, model out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis import recipe_learning, samples
from distdiag_core.diagnosis.classifiers import Classifier, Learner
from distdiag_core.diagnosis.model import Model, Thresholds, Training
from distdiag_core.diagnosis.samples import FALSE, TRUE, UNKNOWN
from distdiag_core.diagnosis.superposition import superpose
from distdiag_core.diagnosis.training_options import Steps, TrainOptions
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.reference import Mask
    from distdiag_core.diagnosis.samples import Samples
    from distdiag_core.diagnosis.training_options import TrainProgress
    from distdiag_core.metrics.frame import Array

_STAGE, _HELD_OUT_STAGE = "learning", "learning without the held-out cases, for the thresholds"

# Thresholds are found on cases left out of training, in this many parts.
_FOLDS = 2
# At most this share of windows without the anomaly may be called by its name.
_FALSE_SHARE = 0.002
_LOWEST_THRESHOLD, _HIGHEST_THRESHOLD = 0.4, 0.9


def train(
    cases: Sequence[Case],
    name: str,
    options: TrainOptions | None = None,
    *,
    progress: Callable[[TrainProgress], None] | None = None,
) -> Model:
    """Learn from these cases. `progress` is called before each step; what it raises ends the training.

    Raises:
        DataError: there is nothing to learn from.
    """
    options = options or TrainOptions()
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    if not anomalies:
        raise DataError("no case has an anomaly", hint="record some, or import labelled cases")
    steps = Steps(2 * len(anomalies) * (1 + _FOLDS * options.calibrate), progress)
    steps.begin("finding out which metrics tell anything")
    recipe = recipe_learning.learn(cases)
    steps.begin("cutting the cases into windows")
    cut = samples.cut(cases, recipe, anomalies)
    past, level = (_learn(basis, anomalies, steps, _STAGE) for basis in (_past(cut), _level(cut)))
    if not level:
        raise DataError("no case is long enough to learn from", hint="record at least six samples of each anomaly")
    thresholds = _thresholds(cut, folds(cases), anomalies, steps) if options.calibrate else {}
    anomalies = tuple(anomaly for anomaly in anomalies if anomaly in level)
    return Model(
        name,
        recipe,
        anomalies,
        past,
        level,
        {anomaly: thresholds.get(anomaly, Thresholds()) for anomaly in anomalies},
        Training(
            tuple(case.name for case in cases),
            tuple(dict.fromkeys(case.group for case in cases)),
            tuple(dict.fromkeys(case.source for case in cases)),
            tuple(dict.fromkeys(case.period_s for case in cases)),
            len(cut.case),
        ),
    )


def folds(cases: Sequence[Case], count: int = _FOLDS) -> NDArray[np.intp]:
    """Which of `count` folds each case is in, shape (len(cases),); a group is never split, an anomaly is spread."""
    by_kind: dict[tuple[str, ...], dict[str, None]] = {}
    for case in cases:
        kind = tuple(sorted({label.anomaly for label in case.labels}))
        by_kind.setdefault(kind, {})[case.group] = None
    fold: dict[str, int] = {}
    for groups in by_kind.values():
        for group in groups:
            fold.setdefault(group, len(fold) % count)
    return np.array([fold[case.group] for case in cases])


@dataclass(frozen=True, slots=True, eq=False)
class _Basis:
    """Samples as one kind of classifier sees them: rows (S, F), truth (S, L), case (S,)."""

    rows: Array
    truth: NDArray[np.int8]
    case: NDArray[np.intp]

    def of(self, chosen: Mask) -> _Basis:
        return _Basis(self.rows[chosen], self.truth[chosen], self.case[chosen])


def _past(cut: Samples) -> _Basis:
    return _Basis(cut.past, cut.truth, cut.case).of(cut.has_past)


def _level(cut: Samples) -> _Basis:
    return _Basis(cut.level, cut.truth, cut.case)


def _learn(basis: _Basis, anomalies: tuple[str, ...], steps: Steps, stage: str) -> Mapping[str, Classifier]:
    """A classifier for each anomaly that the samples tell of: half of it knows superposed pairs, half does not.

    Pairs teach what one anomaly looks like behind another but blur which of two similar ones it is.
    """
    if len(basis.rows) == 0:
        return {}
    learners = [(Learner(part.rows, part.case), part.truth) for part in (basis, _with_pairs(basis))]
    learned = {}
    for index, anomaly in enumerate(anomalies):
        steps.begin(stage, anomaly)
        if {TRUE, FALSE} <= set(np.unique(basis.truth[:, index])):
            learned[anomaly] = Classifier(
                tuple(learner.learn(truth[:, index] == TRUE, truth[:, index] != UNKNOWN) for learner, truth in learners)
            )
        steps.end()
    return learned


def _with_pairs(basis: _Basis) -> _Basis:
    pairs = superpose(basis.rows, basis.truth, basis.case)
    return _Basis(
        np.concatenate((basis.rows, pairs[0])),
        np.concatenate((basis.truth, pairs[1])),
        np.concatenate((basis.case, pairs[2])),
    )


def _thresholds(
    cut: Samples, fold: NDArray[np.intp], anomalies: tuple[str, ...], steps: Steps
) -> Mapping[str, Thresholds]:
    past, level = (_held_out_thresholds(each, fold, anomalies, steps) for each in (_past(cut), _level(cut)))
    return {anomaly: Thresholds(past[anomaly], level[anomaly]) for anomaly in anomalies}


def _held_out_thresholds(
    basis: _Basis, fold: NDArray[np.intp], anomalies: tuple[str, ...], steps: Steps
) -> Mapping[str, float]:
    scores = np.full(basis.truth.shape, np.nan, dtype=np.float32)
    for held_out in range(_FOLDS):
        test = fold[basis.case] == held_out
        if not test.any():
            continue
        for anomaly, classifier in _learn(basis.of(~test), anomalies, steps, _HELD_OUT_STAGE).items():
            scores[test, anomalies.index(anomaly)] = classifier.scores(basis.rows[test])
    return {anomaly: _threshold(scores[:, index], basis.truth[:, index]) for index, anomaly in enumerate(anomalies)}


def _threshold(scores: Array, truth: NDArray[np.int8]) -> float:
    """As low as false alarms allow, but not where it would miss most of what is true."""
    known = ~np.isnan(scores)
    false, true = scores[known & (truth == FALSE)], scores[known & (truth == TRUE)]
    if len(false) == 0 or len(true) == 0:
        return 0.5
    quiet = float(np.quantile(false, 1 - _FALSE_SHARE))
    usual = float(np.median(true))
    return float(np.clip(min(quiet, usual), _LOWEST_THRESHOLD, _HIGHEST_THRESHOLD))
