"""Training of a model: cases in, model out."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.classifier import Classifier
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.diagnosis.training.backends.memory import MemoryBackend
from distdiag_core.diagnosis.training.classifier_trainer import ClassifierTrainer
from distdiag_core.diagnosis.training.dataset_windows import cut_windows
from distdiag_core.diagnosis.training.feature_selection import representative_cases, select_features
from distdiag_core.diagnosis.training.folds import assign_folds
from distdiag_core.diagnosis.training.normal_period import NormalPeriod
from distdiag_core.diagnosis.training.out_of_fold import OutOfFoldResult, calibrate_out_of_fold
from distdiag_core.diagnosis.training.training_options import StepCounter, TrainOptions
from distdiag_core.diagnosis.training.training_set import TrainingSet
from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import Rows, TrainingBackend
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.metrics.frame import Array

# Cases are held out in turn, in this many folds.
_FOLDS = 2
_STAGE, _HELD_OUT_STAGE = "training", "training without held-out cases, for calibration and thresholds"


def train(
    cases: Sequence[Case],
    name: str,
    options: TrainOptions | None = None,
    *,
    backend: TrainingBackend | None = None,
    progress: Callable[[TrainProgress], None] | None = None,
    made_with: Mapping[str, str] | None = None,
) -> Model:
    """Train a model.

    Args:
        backend: in memory where it is None.
        progress: called before each step; an error that it raises ends the training.
        made_with: versions to keep with the model.

    Raises:
        DataError: no case has an anomaly, no metric moves, or all cases are too short.
    """
    options, backend = options or TrainOptions(), backend or MemoryBackend()
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    if not anomalies:
        raise DataError("no case has an anomaly", hint="record some, or import labelled cases")
    steps = StepCounter(2 * len(anomalies) * (1 + _FOLDS * options.holds_out), progress)
    steps.begin("selecting the metrics that tell anomalies apart")
    features = select_features(representative_cases(cases, backend.load, backend.selection_values))
    steps.begin("cutting the cases into windows")
    windows = cut_windows(map(backend.load, cases), features, anomalies, backend.row_store)
    labels = windows.labels
    trainer = Trainer(anomalies, options, backend, steps, assign_folds(cases, _FOLDS))
    relative, on_relative = trainer.train(TrainingSet.relative(windows), NormalPeriod.of(labels, labels.has_past))
    everything = np.ones_like(labels.has_past)
    absolute, on_absolute = trainer.train(TrainingSet.absolute(windows), NormalPeriod.of(labels, everything))
    if not absolute:
        raise DataError("no case is long enough to train on", hint="record at least six samples of each anomaly")
    trained = tuple(anomaly for anomaly in anomalies if anomaly in absolute)
    errors = [*on_relative.errors.values(), *on_absolute.errors.values()]
    return Model(
        name,
        features,
        trained,
        relative,
        absolute,
        {
            each: Thresholds(on_relative.thresholds.get(each, 0.5), on_absolute.thresholds.get(each, 0.5))
            for each in trained
        },
        Training(
            tuple(case.name for case in cases),
            tuple(dict.fromkeys(case.group for case in cases)),
            tuple(dict.fromkeys(case.source for case in cases)),
            tuple(dict.fromkeys(case.period_s for case in cases)),
            len(labels.case),
            round(float(np.mean(errors)), 4) if errors else None,
            asdict(options),
            dict(made_with or {}),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Trainer:
    """Trainer of the classifiers of one training set; `fold` is the fold of each case, in which it is held out."""

    anomalies: tuple[str, ...]
    options: TrainOptions
    backend: TrainingBackend
    steps: StepCounter
    fold: NDArray[np.intp]

    def train(
        self, training_set: TrainingSet, period: NormalPeriod
    ) -> tuple[Mapping[str, Classifier], OutOfFoldResult]:
        """A calibrated classifier of each anomaly that occurs, and the out-of-fold result behind the calibration."""
        result = self._hold_out(training_set, period) if self.options.holds_out else OutOfFoldResult()
        trained = self._train(training_set, _STAGE, rounds=result.rounds)
        if not self.options.calibrate:
            return trained, OutOfFoldResult()
        calibrations = result.calibrations
        return {
            anomaly: Classifier(each.boosters, calibrations.get(anomaly, each.calibration))
            for anomaly, each in trained.items()
        }, result

    def _hold_out(self, training_set: TrainingSet, period: NormalPeriod) -> OutOfFoldResult:
        scores = np.full(training_set.truth.shape, np.nan, dtype=np.float32)
        rounds: dict[str, list[int]] = {}
        for part in range(_FOLDS):
            test = self.fold[training_set.case] == part
            if not test.any() or test.all():
                continue
            held_out = training_set.select(test)
            trained = self._train(training_set.select(~test), _HELD_OUT_STAGE, held_out=held_out)
            scores[test] = self._scores(trained, held_out.rows)
            for anomaly, each in trained.items():
                rounds.setdefault(anomaly, []).extend(booster.num_boosted_rounds() for booster in each.boosters)
        # Rounded up: where there was too little normal operation to judge by, detection goes before false alarms.
        alarms = math.ceil(self.options.false_alarms_per_hour * period.hours)
        median_rounds = {anomaly: round(float(np.median(each))) for anomaly, each in rounds.items()}
        return calibrate_out_of_fold(scores, training_set, self.anomalies, period, alarms, median_rounds)

    def _scores(self, trained: Mapping[str, Classifier], rows: Rows) -> Array:
        """Scores of rows, shape (S, L); NaN for anomalies without a classifier."""
        scores = np.full((len(rows), len(self.anomalies)), np.nan, dtype=np.float32)
        start = 0
        for part in rows.parts():
            for anomaly, each in trained.items():
                scores[start : start + len(part), self.anomalies.index(anomaly)] = each.scores(part)
            start += len(part)
        return scores

    def _train(
        self,
        training_set: TrainingSet,
        stage: str,
        *,
        held_out: TrainingSet | None = None,
        rounds: Mapping[str, int] | None = None,
    ) -> Mapping[str, Classifier]:
        """An uncalibrated classifier of each anomaly that occurs: one booster without synthetic pairs, one with them.

        Pairs show one anomaly behind another, but blur which of two similar ones it is.
        """
        if len(training_set.rows) == 0:
            return {}
        trained = {}
        # A thread for each booster: XGBoost releases the interpreter, and the result is the same on any number of
        # cores.
        with ThreadPoolExecutor(2) as threads:
            sets = (training_set, training_set.with_pairs(self.options.seed))
            stopping = held_out if self.options.early_stopping else None
            trainers = list(
                threads.map(lambda each: ClassifierTrainer(each, self.options, self.backend, stopping), sets)
            )
            for index, anomaly in enumerate(self.anomalies):
                self.steps.begin(stage, anomaly)
                if {TRUE, FALSE} <= set(np.unique(training_set.truth[:, index])):
                    most = (rounds or {}).get(anomaly)
                    trained[anomaly] = Classifier(tuple(threads.map(lambda each: each.train(index, most), trainers)))  # noqa: B023 - awaited in this round
                self.steps.end()
        return trained
