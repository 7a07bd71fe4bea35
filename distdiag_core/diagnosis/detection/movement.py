"""Movement of the metrics of a node: how far each has left its past, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

# The least standard deviation, on the log scale: a metric that is constant for a minute may move by this much.
_LEAST_DEVIATION = 0.02
# A metric has left its past at the first tick that is so many deviations away, if most of the next ticks are as well.
_LEFT_SIGMA = 3.0
_NEXT_TICKS = 3


@dataclass(frozen=True, eq=False)
class Movement:
    """Movement on the log scale, each of shape (..., M).

    Attributes:
        before: median of the past; NaN without one.
        now: median of the newest half of the window; NaN where all of it is missing.
        deviation: robust standard deviation of the past, never zero.
    """

    before: Array
    now: Array
    deviation: Array

    @cached_property
    def sigma(self) -> Array:
        """Signed distance from `before` to `now` in deviations."""
        return ((self.now - self.before) / self.deviation).astype(np.float32)

    def of(self, node: int) -> Movement:
        """Movement of one node, of those of several."""
        return Movement(self.before[node], self.now[node], self.deviation[node])


def movement(window: Array, past: Array) -> Movement:
    """Movement of log-scaled windows (..., M, W) away from their pasts (..., M, R); R may be 0."""
    low, middle, high = nan_statistics.quantiles(past, (0.16, 0.5, 0.84))
    return Movement(middle, newest_median(window), np.maximum((high - low) / 2, _LEAST_DEVIATION))


def newest_median(window: Array) -> Array:
    """Median of the newest half of windows (..., W)."""
    return nan_statistics.median(window[..., window.shape[-1] // 2 :])


def onset_tick(values: Array, before: float, deviation: float) -> int | None:
    """First of the log-scaled values (T,) of a metric that has left its past; None where none has."""
    away = np.abs(values - before) >= _LEFT_SIGMA * deviation
    for tick in np.flatnonzero(away).tolist():
        following = away[tick : tick + _NEXT_TICKS]
        if 2 * following.sum() > len(following):
            return int(tick)
    return None
