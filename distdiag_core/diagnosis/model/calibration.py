"""Calibration of classifier scores to probabilities by Platt scaling (Platt, 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic function of slope * logit(score) + offset; monotonic, so that the order of scores stays."""

    slope: float = 1.0
    offset: float = 0.0

    def probabilities(self, scores: Array) -> Array:
        """Probabilities of scores, of the same shape."""
        if self == IDENTITY:
            return scores
        result: Array = (1 / (1 + np.exp(-self.slope * logit(scores) - self.offset))).astype(np.float32)
        return result


IDENTITY = Calibration()


def logit(scores: Array) -> Array:
    """Log-odds of scores, which are kept a little away from 0 and 1."""
    bounded = np.clip(scores, _LEAST, 1 - _LEAST)
    result: Array = np.log(bounded / (1 - bounded))
    return result
