"""Shift statistics: how far a window has left its baseline, in five numbers per metric.

Comparing a node with its own immediate past is what carries a model from one system to another; on DBPA across hardware
these five carried over at least as well as sixteen statistics of the same distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

SHIFTS = ("mean", "low", "high", "trend", "spread")


def shifts(log_values: Array, baseline: Array) -> Array:
    """Mean, 10 % and 90 % quantile, late minus early half, and standard deviation of the distance to a baseline.

    Args:
        log_values: windows on the log scale, shape (..., N, M, W).
        baseline: shape (..., N, M), on the same scale.

    Returns:
        Shape (..., N, M, 5), in the order of `SHIFTS`.
    """
    distance = log_values - baseline[..., None]
    half = log_values.shape[-1] // 2
    low, high = nan_statistics.quantiles(distance, (0.1, 0.9))
    late, early = nan_statistics.mean(distance[..., -half:]), nan_statistics.mean(distance[..., :half])
    return np.stack(
        (nan_statistics.mean(distance), low, high, late - early, nan_statistics.deviation(distance)), axis=-1
    )
