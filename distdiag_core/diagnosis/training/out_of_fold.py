"""Out-of-fold results: calibration from scores of held-out cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.classifiers import Calibrations
from distdiag_core.diagnosis.training.classifier_trainer import balanced_weights
from distdiag_core.diagnosis.training.platt_scaling import fit_calibration
from distdiag_core.diagnosis.training.window_labels import TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.training_set import TrainingSet
    from distdiag_core.metrics.frame import Array, Mask

_BINS = 10


@dataclass(frozen=True, slots=True)
class OutOfFoldResult:
    """Result by anomaly; an anomaly that is missing keeps its defaults.

    Attributes:
        calibrated: held-out scores after calibration, shape (S, L).
        errors: the calibration errors after calibration.
    """

    calibrations: Mapping[str, Calibrations]
    calibrated: Array
    errors: tuple[float, ...]


def calibrate_out_of_fold(
    scores: Array, held_out: TrainingSet, has_past: Mask, anomalies: tuple[str, ...]
) -> OutOfFoldResult:
    """Calibrations from out-of-fold scores.

    Args:
        scores: shape (S, L), NaN where there are none.
        held_out: the windows that the scores belong to.
        has_past: shape (S,), whether they are compared with the past of their node.
    """
    calibrations, errors = {}, []
    calibrated = scores.copy()
    for index, anomaly in enumerate(anomalies):
        fitted = []
        for chosen in (has_past, ~has_past):
            column, truth = scores[chosen, index], held_out.truth[chosen, index]
            known = ~np.isnan(column) & (truth != UNKNOWN)
            true, case = truth[known] == TRUE, held_out.case[chosen][known]
            weight = balanced_weights(true, np.ones_like(true), case)
            fitted.append(fit_calibration(column[known], true, weight, len(np.unique(case[true]))))
            calibrated[chosen, index] = fitted[-1].probabilities(column)
            errors.append(binned_error(calibrated[chosen, index][known], true, weight))
        calibrations[anomaly] = Calibrations(*fitted)
    return OutOfFoldResult(calibrations, calibrated, tuple(errors))


def binned_error(probabilities: Array, true: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Expected calibration error in ten bins (Guo et al., ICML 2017) of weighted samples; 0 without any weight."""
    place = np.minimum((probabilities * _BINS).astype(np.intp), _BINS - 1)
    off = np.abs(np.bincount(place, weight * (probabilities - true), _BINS))
    return float(off.sum() / weight.sum()) if weight.sum() else 0.0
