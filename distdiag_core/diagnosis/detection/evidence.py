"""Evidence of a root cause: the metrics of its classifier that have moved most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.ranking import Evidence
from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array

_SHOWN = 3
# The least standard deviation, on the log scale: a metric that is constant for a minute may move by this much.
_LEAST_DEVIATION = 0.02
_LEAST_SIGMA = 1.0
# A metric with less than this share of the largest gain of the classifier counts less, however far it has moved.
_FULL_GAIN_SHARE = 0.25


def evidence(model: Model, anomaly: str, sigma: Array) -> tuple[Evidence, ...]:
    """The up to three strongest metrics for an anomaly on one node, from the sigmas of all metrics, shape (M,)."""
    shares = model.gain_shares(anomaly)
    relevance = np.minimum(1, shares / max(float(shares.max()), 1e-9) / _FULL_GAIN_SHARE)
    weight = np.nan_to_num(np.abs(sigma) * relevance)
    strongest = np.argsort(-weight, kind="stable")[:_SHOWN]
    return tuple(
        Evidence(model.features.metrics[place], round(float(sigma[place]), 1))
        for place in strongest
        if weight[place] >= _LEAST_SIGMA
    )


def sigmas(window: Array, past: Array) -> Array:
    """Distance of the newest half of a window to the past, in robust standard deviations of the past.

    Args:
        window: shape (..., M, W).
        past: shape (..., M, R).

    Returns:
        Shape (..., M), signed; NaN where R is 0.
    """
    if past.shape[-1] == 0:
        return np.full(window.shape[:-1], np.nan, dtype=np.float32)
    newest = nan_statistics.median(window[..., window.shape[-1] // 2 :])
    low, middle, high = nan_statistics.quantiles(past, (0.16, 0.5, 0.84))
    return ((newest - middle) / np.maximum((high - low) / 2, _LEAST_DEVIATION)).astype(np.float32)
