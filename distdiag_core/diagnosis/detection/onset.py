"""Onset of an anomaly: the tick from which the metrics that speak for it have left their past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

# In robust standard deviations of the past.
_AWAY_SIGMA = 3.0
# The least standard deviation, on the log scale.
_LEAST_DEVIATION = 0.02
# So many ticks in a row within the past's range end a shift; a single one is noise.
_RETURNED_TICKS = 2


def onset_s(times_s: NDArray[np.float64], log_values: Array, past: Array) -> float | None:
    """The median over metrics of the tick at which each left its past for good.

    Args:
        times_s: the newest ticks, shape (T,).
        log_values: K metrics of one node at these ticks, shape (K, T).
        past: the same metrics in the clean past, shape (K, R).

    Returns:
        None where no metric is away from its past at the end.
    """
    low, middle, high = nan_statistics.quantiles(past, (0.16, 0.5, 0.84))
    deviation = np.maximum((high - low) / 2, _LEAST_DEVIATION)
    away = np.abs(log_values - middle[:, None]) >= _AWAY_SIGMA * deviation[:, None]
    starts = [start for each in away if (start := _start(each)) is not None]
    return float(times_s[sorted(starts)[(len(starts) - 1) // 2]]) if starts else None


def _start(away: NDArray[np.bool_]) -> int | None:
    """The first tick of the shift that lasts to the end; None where there is none."""
    start, inside = None, 0
    for tick in range(len(away) - 1, -1, -1):
        if away[tick]:
            start, inside = tick, 0
        elif (inside := inside + 1) == _RETURNED_TICKS:
            break
    return start
