"""Platt scaling (Platt, 1999) fitted on held-out scores, with a prior that keeps it near the identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask

# Weight, in cases, of the prior that scores are probabilities already.
_PRIOR_CASES = 4.0
_LEAST_STEP = 1e-6
_ITERATIONS = 50
# A fit that is nearly flat or inverted means that there is no signal to calibrate.
_LOWEST_SLOPE, _HIGHEST_SLOPE = 0.5, 4.0


def fit_calibration(scores: Array, truth: Mask, weights: NDArray[np.float64], cases: int) -> Calibration:
    """Calibration by penalised logistic regression of the truth on the logit of the scores (Newton's method).

    Args:
        scores: held-out scores, shape (S,).
        truth: shape (S,).
        weights: shape (S,), the weight of each score.
        cases: number of cases that the scores come from.

    Returns:
        The identity where there are no cases or only one class.
    """
    if cases == 0 or truth.all() or not truth.any() or weights.sum() == 0:
        return IDENTITY
    log_odds = logit(scores).astype(np.float64)
    share = weights * cases / weights.sum()
    design = np.stack((log_odds, np.ones_like(log_odds)), axis=1)
    theta = prior = np.array([1.0, 0.0])
    for _ in range(_ITERATIONS):
        predicted = 1 / (1 + np.exp(-(design @ theta)))
        gradient = design.T @ (share * (predicted - truth)) + _PRIOR_CASES * (theta - prior)
        curvature = (design * (share * predicted * (1 - predicted))[:, None]).T @ design + _PRIOR_CASES * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta = theta - step
        if np.abs(step).max() < _LEAST_STEP:
            break
    slope = float(np.clip(theta[0], _LOWEST_SLOPE, _HIGHEST_SLOPE))
    return Calibration(round(slope, 6), round(float(theta[1]), 6))
