"""Cases in, model out."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.classifier import Classifier, Learner
from distdiag_core.diagnosis.model.model import Model, Training
from distdiag_core.diagnosis.model.thresholds import NormalLife, Thresholds
from distdiag_core.diagnosis.training import dataset_windows, feature_selection, training_set
from distdiag_core.diagnosis.training.backends.backend import Means
from distdiag_core.diagnosis.training.dataset_windows import FALSE, TRUE
from distdiag_core.diagnosis.training.folds import folds
from distdiag_core.diagnosis.training.out_of_fold import Worth, worth
from distdiag_core.diagnosis.training.training_options import Steps, TrainOptions
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.memory import Teach
    from distdiag_core.diagnosis.training.row_store import Rows
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.diagnosis.training.training_set import Basis
    from distdiag_core.metrics.frame import Array

# Cases are held out by turns, in this many parts.
_FOLDS = 2
_STAGE, _HELD_OUT_STAGE = "learning", "learning without held-out cases, for calibration and thresholds"


def train(
    cases: Sequence[Case],
    name: str,
    options: TrainOptions | None = None,
    *,
    means: Means | None = None,
    progress: Callable[[TrainProgress], None] | None = None,
    made_with: Mapping[str, str] | None = None,
) -> Model:
    """Learn from these cases. `progress` is called before each step; what it raises ends the training.

    Raises:
        DataError: there is nothing to learn from.
    """
    options, means = options or TrainOptions(), means or Means()
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    if not anomalies:
        raise DataError("no case has an anomaly", hint="record some, or import labelled cases")
    steps = Steps(2 * len(anomalies) * (1 + _FOLDS * options.holds_out), progress)
    steps.begin("finding out which metrics tell anything")
    recipe = feature_selection.learn(means.exemplary(cases))
    steps.begin("cutting the cases into windows")
    cut = dataset_windows.cut(map(means.whole, cases), recipe, anomalies, means.store)
    course = _Course(anomalies, options, means.teach, steps, folds(cases, _FOLDS))
    past, past_worth = course.run(training_set.past(cut), NormalLife.of(cut.facts, cut.facts.has_past))
    level, level_worth = course.run(training_set.level(cut), NormalLife.of(cut.facts, np.ones_like(cut.facts.has_past)))
    if not level:
        raise DataError("no case is long enough to learn from", hint="record at least six samples of each anomaly")
    bounds = past_worth.thresholds, level_worth.thresholds
    errors = [*past_worth.errors.values(), *level_worth.errors.values()]
    anomalies = tuple(anomaly for anomaly in anomalies if anomaly in level)
    return Model(
        name,
        recipe,
        anomalies,
        past,
        level,
        {each: Thresholds(bounds[0].get(each, 0.5), bounds[1].get(each, 0.5)) for each in anomalies},
        Training(
            tuple(case.name for case in cases),
            tuple(dict.fromkeys(case.group for case in cases)),
            tuple(dict.fromkeys(case.source for case in cases)),
            tuple(dict.fromkeys(case.period_s for case in cases)),
            len(cut.facts.case),
            round(float(np.mean(errors)), 4) if errors else None,
            asdict(options),
            dict(made_with or {}),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """How the classifiers of one basis are taught; `fold` says of each case when it is held out."""

    anomalies: tuple[str, ...]
    options: TrainOptions
    teach: Teach
    steps: Steps
    fold: NDArray[np.intp]

    def run(self, taught: Basis, life: NormalLife) -> tuple[Mapping[str, Classifier], Worth]:
        """A classifier of each anomaly that the samples tell of, and what it is worth."""
        found = self._hold_out(taught, life) if self.options.holds_out else Worth()
        learned = self._learn(taught, _STAGE, rounds=found.rounds)
        if not self.options.calibrate:
            return learned, Worth()
        calibrations = found.calibrations
        return {
            anomaly: Classifier(each.boosters, calibrations.get(anomaly, each.calibration))
            for anomaly, each in learned.items()
        }, found

    def _hold_out(self, taught: Basis, life: NormalLife) -> Worth:
        scores = np.full(taught.truth.shape, np.nan, dtype=np.float32)
        rounds: dict[str, list[int]] = {}
        for part in range(_FOLDS):
            test = self.fold[taught.case] == part
            if not test.any() or test.all():
                continue
            held_out = taught.of(test)
            learned = self._learn(taught.of(~test), _HELD_OUT_STAGE, held_out=held_out)
            scores[test] = self._scores(learned, held_out.rows)
            for anomaly, each in learned.items():
                rounds.setdefault(anomaly, []).extend(booster.num_boosted_rounds() for booster in each.boosters)
        # Where there was too little normal life to tell, noticing trouble goes before keeping quiet.
        alarms = math.ceil(self.options.false_alarms_per_hour * life.hours)
        enough = {anomaly: round(float(np.median(each))) for anomaly, each in rounds.items()}
        return worth(scores, taught, self.anomalies, life, alarms, enough)

    def _scores(self, learned: Mapping[str, Classifier], rows: Rows) -> Array:
        """What the classifiers say of each row, shape (S, L); NaN where there is none."""
        scores = np.full((len(rows), len(self.anomalies)), np.nan, dtype=np.float32)
        start = 0
        for part in rows.parts():
            for anomaly, each in learned.items():
                scores[start : start + len(part), self.anomalies.index(anomaly)] = each.scores(part)
            start += len(part)
        return scores

    def _learn(
        self, taught: Basis, stage: str, *, held_out: Basis | None = None, rounds: Mapping[str, int] | None = None
    ) -> Mapping[str, Classifier]:
        """A classifier for each anomaly that the samples tell of: half of it knows superposed pairs, half does not.

        Pairs teach what one anomaly looks like behind another but blur which of two similar ones it is.
        """
        if len(taught.rows) == 0:
            return {}
        learned = {}
        # Each half in a thread of its own: XGBoost lets go of the interpreter, and the result is the same on any
        # number of cores.
        with ThreadPoolExecutor(2) as threads:
            parts = (taught, taught.with_pairs(self.options.seed))
            judge = held_out if self.options.early_stopping else None
            halves = list(threads.map(lambda part: Learner(part, self.options, self.teach, judge), parts))
            for index, anomaly in enumerate(self.anomalies):
                self.steps.begin(stage, anomaly)
                if {TRUE, FALSE} <= set(np.unique(taught.truth[:, index])):
                    enough = (rounds or {}).get(anomaly)
                    learned[anomaly] = Classifier(tuple(threads.map(lambda half: half.learn(index, enough), halves)))  # noqa: B023 - awaited in this round
                self.steps.end()
        return learned
