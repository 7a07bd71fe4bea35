"""Which metrics speak for a root cause, and how loudly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.ranking import Evidence
from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array

_SHOWN = 3
# A figure that stands still for a minute may move by this much, squashed, before that is one sigma.
_LEAST_SIGMA = 0.02
_LEAST_SHOWN = 1.0
# A metric that a classifier hardly looks at is no evidence, however far it moved.
_LEAST_SAY = 0.25


def evidence(model: Model, anomaly: str, sigma: Array) -> tuple[Evidence, ...]:
    """The metrics that moved most among those that the classifier goes by; `sigma` of one node, shape (M,)."""
    shares = model.metric_shares(anomaly)
    say = np.minimum(1, shares / max(float(shares.max()), 1e-9) / _LEAST_SAY)
    weight = np.nan_to_num(np.abs(sigma) * say)
    strongest = np.argsort(-weight, kind="stable")[:_SHOWN]
    return tuple(
        Evidence(model.recipe.metrics[place], round(float(sigma[place]), 1))
        for place in strongest
        if weight[place] >= _LEAST_SHOWN
    )


def sigmas(window: Array, past: Array) -> Array:
    """How far the newest half of a window (..., M, W) left the past (..., M, R), in its robust standard deviations.

    NaN where there is no past.
    """
    if past.shape[-1] == 0:
        return np.full(window.shape[:-1], np.nan, dtype=np.float32)
    newest = nan_statistics.median(window[..., window.shape[-1] // 2 :])
    low, middle, high = nan_statistics.quantiles(past, (0.16, 0.5, 0.84))
    return ((newest - middle) / np.maximum((high - low) / 2, _LEAST_SIGMA)).astype(np.float32)
