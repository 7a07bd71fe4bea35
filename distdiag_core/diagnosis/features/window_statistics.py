"""Statistics of a window: where a metric stands and how it moves, in five numbers.

Location statistics shift with the values, so that their distance to any reference is a subtraction; movement statistics
need no reference. On DBPA across hardware these five carried over at least as well as sixteen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

LOCATION = ("mean", "low", "high")
MOVEMENT = ("trend", "spread")


def window_statistics(log_values: Array) -> Array:
    """Mean, 10 % and 90 % quantile, late minus early half, and standard deviation of windows (..., N, M, W).

    Returns:
        Shape (..., N, M, 5), in the order of `LOCATION` and `MOVEMENT`.
    """
    half = log_values.shape[-1] // 2
    low, high = nan_statistics.quantiles(log_values, (0.1, 0.9))
    # With time first, each sum runs over whole tables of metrics instead of over a few ticks at a time.
    ticks = np.ascontiguousarray(np.moveaxis(log_values, -1, 0))
    mean, spread = nan_statistics.mean(ticks, axis=0), nan_statistics.deviation(ticks, axis=0)
    trend = nan_statistics.mean(ticks[-half:], axis=0) - nan_statistics.mean(ticks[:half], axis=0)
    return np.stack((mean, low, high, trend, spread), axis=-1)
