"""Out-of-fold results: calibration, thresholds and boosting rounds from scores of held-out cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.classifier_trainer import balanced_weights
from distdiag_core.diagnosis.training.platt_scaling import fit_calibration
from distdiag_core.diagnosis.training.threshold_selection import select_thresholds
from distdiag_core.diagnosis.training.window_labels import TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.model.calibration import Calibration
    from distdiag_core.diagnosis.training.normal_period import NormalPeriod
    from distdiag_core.diagnosis.training.training_set import TrainingSet
    from distdiag_core.metrics.frame import Array

_BINS = 10


@dataclass(frozen=True, slots=True)
class OutOfFoldResult:
    """Result by anomaly; an anomaly that is missing keeps its defaults.

    Attributes:
        rounds: the boosting rounds after which nothing was gained any more.
        errors: the calibration error after calibration.
    """

    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)


def calibrate_out_of_fold(
    scores: Array,
    held_out: TrainingSet,
    anomalies: tuple[str, ...],
    period: NormalPeriod,
    alarms: int,
    rounds: Mapping[str, int],
) -> OutOfFoldResult:
    """Calibrations and thresholds from out-of-fold scores.

    Args:
        scores: shape (S, L), NaN where there are none.
        held_out: the windows that the scores belong to.
        alarms: the most false alarms in the whole normal period.
        rounds: boosting rounds by anomaly, passed on.
    """
    calibrations, errors = {}, {}
    calibrated = scores.copy()
    for index, anomaly in enumerate(anomalies):
        column, truth = scores[:, index], held_out.truth[:, index]
        known = ~np.isnan(column) & (truth != UNKNOWN)
        true, case = truth[known] == TRUE, held_out.case[known]
        weight = balanced_weights(true, np.ones_like(true), case)
        fitted = fit_calibration(column[known], true, weight, len(np.unique(case[true])))
        calibrated[:, index] = fitted.probabilities(column)
        calibrations[anomaly] = fitted
        errors[anomaly] = binned_error(calibrated[known, index], true, weight)
    bounds = select_thresholds(calibrated, held_out.truth, period, alarms)
    return OutOfFoldResult(calibrations, dict(zip(anomalies, bounds.tolist(), strict=True)), rounds, errors)


def binned_error(probabilities: Array, true: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Expected calibration error in ten bins (Guo et al., ICML 2017) of weighted samples; 0 without any weight."""
    place = np.minimum((probabilities * _BINS).astype(np.intp), _BINS - 1)
    off = np.abs(np.bincount(place, weight * (probabilities - true), _BINS))
    return float(off.sum() / weight.sum()) if weight.sum() else 0.0
