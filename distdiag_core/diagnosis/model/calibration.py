"""From scores to probabilities: Platt scaling (1999), held near the identity where there is little to go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask

# How many cases' worth of doubt there is that scores are anything but probabilities already.
_DOUBT_CASES = 4.0
_LEAST = 1e-6
_ITERATIONS = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """The probability is the logistic function of slope * logit(score) + offset; the order of scores stays."""

    slope: float = 1.0
    offset: float = 0.0

    def probabilities(self, scores: Array) -> Array:
        """Of scores of any shape."""
        if self == IDENTITY:
            return scores
        result: Array = (1 / (1 + np.exp(-self.slope * _logit(scores) - self.offset))).astype(np.float32)
        return result


IDENTITY = Calibration()
# A map that is nearly flat or turned round tells that there is nothing to learn from.
_LOWEST_SLOPE, _HIGHEST_SLOPE = 0.5, 4.0


def fit(scores: Array, truth: Mask, weights: NDArray[np.float64], cases: int) -> Calibration:
    """The calibration of held-out scores, shape (S,), of so many cases; `weights` say how much each score counts."""
    if cases == 0 or truth.all() or not truth.any() or weights.sum() == 0:
        return IDENTITY
    logit = _logit(scores).astype(np.float64)
    share = weights * cases / weights.sum()
    design = np.stack((logit, np.ones_like(logit)), axis=1)
    theta = prior = np.array([1.0, 0.0])
    for _ in range(_ITERATIONS):
        said = 1 / (1 + np.exp(-(design @ theta)))
        gradient = design.T @ (share * (said - truth)) + _DOUBT_CASES * (theta - prior)
        curvature = (design * (share * said * (1 - said))[:, None]).T @ design + _DOUBT_CASES * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta = theta - step
        if np.abs(step).max() < _LEAST:
            break
    slope = float(np.clip(theta[0], _LOWEST_SLOPE, _HIGHEST_SLOPE))
    return Calibration(round(slope, 6), round(float(theta[1]), 6))


def _logit(scores: Array) -> Array:
    bounded = np.clip(scores, _LEAST, 1 - _LEAST)
    result: Array = np.log(bounded / (1 - bounded))
    return result
