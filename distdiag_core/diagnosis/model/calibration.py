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
        return probabilities(scores, np.float32(self.slope), np.float32(self.offset))


IDENTITY = Calibration()


def probabilities(scores: Array, slopes: Array | np.float32, offsets: Array | np.float32) -> Array:
    """Probabilities of scores, each with its own slope and offset; the score itself where those are of the identity."""
    calibrated = 1 / (1 + np.exp(-slopes * logit(scores) - offsets))
    same = (slopes == IDENTITY.slope) & (offsets == IDENTITY.offset)
    return np.where(same, scores, calibrated).astype(np.float32)


def logit(scores: Array) -> Array:
    """Log-odds of scores, which are kept a little away from 0 and 1."""
    bounded = np.clip(scores, _LEAST, 1 - _LEAST)
    result: Array = np.log(bounded / (1 - bounded))
    return result
