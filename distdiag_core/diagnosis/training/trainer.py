"""Training of a model: cases in, model out."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.classifiers import Classifiers
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.diagnosis.training.backends.memory import MemoryBackend
from distdiag_core.diagnosis.training.classifier_trainer import ClassifierTrainer
from distdiag_core.diagnosis.training.dataset_windows import cut_windows
from distdiag_core.diagnosis.training.feature_selection import representative_cases, select_features
from distdiag_core.diagnosis.training.folds import assign_folds
from distdiag_core.diagnosis.training.look_alike_trainer import LookAlikeTrainer
from distdiag_core.diagnosis.training.normal_period import NormalPeriod
from distdiag_core.diagnosis.training.out_of_fold import calibrate_out_of_fold
from distdiag_core.diagnosis.training.threshold_selection import select_thresholds
from distdiag_core.diagnosis.training.training_options import StepCounter, TrainOptions
from distdiag_core.diagnosis.training.training_set import TrainingSet
from distdiag_core.diagnosis.training.tree_shape import tree_shape
from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import Rows, TrainingBackend
    from distdiag_core.diagnosis.training.dataset_windows import DatasetWindows
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.diagnosis.training.tree_shape import TreeShape
    from distdiag_core.diagnosis.training.window_labels import WindowLabels
    from distdiag_core.metrics.frame import Array, Mask

# Cases are held out in turn, in this many folds.
_FOLDS = 2
# Of the booster without synthetic pairs and of the one with them. What is taught single anomalies transfers best, but
# fails on compound ones; this was the best of both on DBPA and DBSherlock.
_WEIGHTS = (2 / 3, 1 / 3)
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
    steps = StepCounter(len(anomalies) * (1 + _FOLDS * options.holds_out), progress)
    steps.begin("selecting the metrics that tell anomalies apart")
    features = select_features(representative_cases(cases, backend.load, backend.selection_values))
    steps.begin("cutting the cases into windows")
    windows = cut_windows(map(backend.load, cases), features, anomalies, backend.row_store)
    look_alikes = LookAlikeTrainer.of(windows, features, anomalies)
    shape, folds = tree_shape(peers=features.peers), assign_folds(cases, _FOLDS)
    trainer = Trainer(anomalies, options, shape, backend, steps, folds, look_alikes)
    classifiers, thresholds, error = trainer.train(windows)
    training = Training(
        tuple(case.name for case in cases),
        tuple(dict.fromkeys(case.group for case in cases)),
        tuple(dict.fromkeys(case.source for case in cases)),
        tuple(dict.fromkeys(case.period_s for case in cases)),
        int((~windows.labels.hidden).sum()),
        error,
        asdict(options),
        dict(made_with or {}),
    )
    return Model(name, features, classifiers, thresholds, training, look_alikes=look_alikes.train())


@dataclass(frozen=True, slots=True, eq=False)
class Trainer:
    """Trainer of the classifiers of a dataset; `fold` is the fold of each case, in which it is held out."""

    anomalies: tuple[str, ...]
    options: TrainOptions
    shape: TreeShape
    backend: TrainingBackend
    steps: StepCounter
    fold: NDArray[np.intp]
    look_alikes: LookAlikeTrainer

    def train(self, windows: DatasetWindows) -> tuple[Classifiers, Mapping[str, Thresholds], float | None]:
        """Classifiers of the anomalies that occur, their thresholds, and the calibration error of held-out windows.

        Raises:
            DataError: all cases are too short.
        """
        training_set = TrainingSet(windows.rows, windows.labels.truth, windows.labels.case)
        scores, rounds = self._hold_out(training_set, windows.labels.has_past) if self.options.holds_out else (None, {})
        trained = self._train(training_set, _STAGE, rounds=rounds)
        if trained is None:
            raise DataError("no case is long enough to train on", hint="record at least six samples of each anomaly")
        if scores is None or not self.options.calibrate:
            return trained, dict.fromkeys(trained.anomalies, Thresholds()), None
        result = calibrate_out_of_fold(scores, training_set, windows.labels.has_past, self.anomalies)
        told = self.look_alikes.separate_held_out(result.calibrated, self.fold[training_set.case])
        bounds = zip(*(self._thresholds(told, windows.labels, past) for past in (True, False)), strict=True)
        thresholds = {anomaly: Thresholds(*both) for anomaly, both in zip(self.anomalies, bounds, strict=True)}
        calibrations = {anomaly: result.calibrations[anomaly] for anomaly in trained.anomalies}
        return (
            replace(trained, calibrations=calibrations),
            {anomaly: thresholds[anomaly] for anomaly in trained.anomalies},
            round(float(np.mean(result.errors)), 4),
        )

    def _thresholds(self, scores: Array, labels: WindowLabels, has_past: bool) -> list[float]:  # noqa: FBT001 - one of two kinds
        """Thresholds of all anomalies for windows with a past, all views in sight, or for those without one."""
        chosen = labels.has_past & ~labels.hidden if has_past else ~labels.has_past
        period = NormalPeriod.of(labels, chosen)
        # Rounded up: where there was too little normal operation to judge by, detection goes before false alarms.
        alarms = math.ceil(self.options.false_alarms_per_hour * period.hours)
        bounds: list[float] = select_thresholds(scores[chosen], labels.truth[chosen], period, alarms).tolist()
        return bounds

    def _hold_out(self, training_set: TrainingSet, has_past: Mask) -> tuple[Array, Mapping[str, int]]:
        """Scores of all windows by classifiers that have not seen their cases, and the rounds that were worth it.

        Scores are of shape (S, L), NaN for anomalies without a classifier.
        """
        scores = np.full(training_set.truth.shape, np.nan, dtype=np.float32)
        rounds: dict[str, list[int]] = {}
        for part in range(_FOLDS):
            test = self.fold[training_set.case] == part
            if not test.any() or test.all():
                continue
            held_out = training_set.select(test)
            trained = self._train(training_set.select(~test), _HELD_OUT_STAGE, held_out=held_out, rounds_found=rounds)
            if trained is not None:
                columns = [self.anomalies.index(anomaly) for anomaly in trained.anomalies]
                scores[np.ix_(test, columns)] = _scores(trained, held_out.rows, has_past[test])
        return scores, {anomaly: round(float(np.median(each))) for anomaly, each in rounds.items()}

    def _train(
        self,
        training_set: TrainingSet,
        stage: str,
        *,
        held_out: TrainingSet | None = None,
        rounds: Mapping[str, int] | None = None,
        rounds_found: dict[str, list[int]] | None = None,
    ) -> Classifiers | None:
        """Uncalibrated classifiers of the anomalies that occur; None where none does.

        Each has one booster without synthetic pairs and one with them: pairs show one anomaly behind another, but blur
        which of two similar ones it is.
        """
        if len(training_set.rows) == 0:
            return None
        trained: dict[str, tuple[Booster, ...]] = {}
        # A thread for each booster: XGBoost releases the interpreter, and the result is the same on any number of
        # cores.
        with ThreadPoolExecutor(2) as threads:
            windows = training_set.thinned(self.options.seed) if self.shape.thinned else training_set
            sets = (windows, windows.with_pairs(self.options.seed))
            stopping = held_out if self.options.early_stopping else None

            def trainer_on(windows: TrainingSet) -> ClassifierTrainer:
                return ClassifierTrainer(windows, self.options, self.shape, self.backend, stopping)

            trainers = list(threads.map(trainer_on, sets))
            for index, anomaly in enumerate(self.anomalies):
                self.steps.begin(stage, anomaly)
                if {TRUE, FALSE} <= set(np.unique(training_set.truth[:, index])):
                    most = (rounds or {}).get(anomaly)
                    trained[anomaly] = tuple(threads.map(lambda each: each.train(index, most), trainers))  # noqa: B023 - awaited in this round
                    if rounds_found is not None:
                        found = [booster.num_boosted_rounds() for booster in trained[anomaly]]
                        rounds_found.setdefault(anomaly, []).extend(found)
                self.steps.end()
        return Classifiers.merged(trained, _WEIGHTS) if trained else None


def _scores(trained: Classifiers, rows: Rows, has_past: Mask) -> Array:
    """Scores of rows, which are read in parts; shape (S, L)."""
    found, start = [], 0
    for part in rows.parts():
        found.append(trained.scores(part, has_past[start : start + len(part)]))
        start += len(part)
    return np.concatenate(found)
