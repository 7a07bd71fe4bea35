"""What classifiers are worth on cases that were held out of their training: calibration, thresholds, rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model import calibration, thresholds
from distdiag_core.diagnosis.model.classifier import weights
from distdiag_core.diagnosis.training.dataset_windows import TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.model.calibration import Calibration
    from distdiag_core.diagnosis.model.thresholds import NormalLife
    from distdiag_core.diagnosis.training.training_set import Basis
    from distdiag_core.metrics.frame import Array

_BINS = 10


@dataclass(frozen=True, slots=True)
class Worth:
    """By anomaly; what is not there stays as it comes.

    Attributes:
        rounds: after how many rounds boosting gained nothing any more.
        errors: the calibration error of what was calibrated.
    """

    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)


def worth(
    scores: Array,
    held_out: Basis,
    anomalies: tuple[str, ...],
    life: NormalLife,
    alarms: int,
    rounds: Mapping[str, int],
) -> Worth:
    """From the scores (S, L) of samples that were held out, NaN where there are none.

    `alarms` are the false ones that may be given in all of the normal life held out.
    """
    calibrations, errors = {}, {}
    calibrated = scores.copy()
    for index, anomaly in enumerate(anomalies):
        said, truth = scores[:, index], held_out.truth[:, index]
        known = ~np.isnan(said) & (truth != UNKNOWN)
        true, case = truth[known] == TRUE, held_out.case[known]
        weight = weights(true, np.ones_like(true), case)
        fitted = calibration.fit(said[known], true, weight, len(np.unique(case[true])))
        calibrated[:, index] = fitted.probabilities(said)
        calibrations[anomaly] = fitted
        errors[anomaly] = _error(calibrated[known, index], true, weight)
    bounds = thresholds.choose(calibrated, held_out.truth, life, alarms)
    return Worth(calibrations, dict(zip(anomalies, bounds.tolist(), strict=True)), rounds, errors)


def _error(said: Array, true: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    place = np.minimum((said * _BINS).astype(np.intp), _BINS - 1)
    off = np.abs(np.bincount(place, weight * (said - true), _BINS))
    return float(off.sum() / weight.sum()) if weight.sum() else 0.0
