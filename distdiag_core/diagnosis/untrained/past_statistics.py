"""Distribution of each metric in a node's clean past: quantiles, and an exponential tail on either side.

Beyond a high quantile most distributions fall like a generalized Pareto distribution, of which the exponential one is
the case of shape zero (SPOT: Siffer et al., KDD 2017). In a minute of past only the mean excess can be estimated, and
even that is drawn towards a fixed bound where there are few ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

TAIL_SHARE = 0.1
# Fewer ticks than these are no past.
LEAST_TICKS = 6
# The least mean excess, on the log scale, and how many ticks of the past it counts for.
_LEAST_EXCESS, _PRIOR_TICKS = 0.05, 5


@dataclass(frozen=True, slots=True, eq=False)
class PastStatistics:
    """Statistics of N nodes and M metrics on the log scale, each of shape (N, M); NaN where there is no past.

    Attributes:
        low, middle, high: the 10 %, 50 % and 90 % quantile.
        below, above: mean excess of the tails beyond `low` and `high`.
    """

    low: Array
    middle: Array
    high: Array
    below: Array
    above: Array

    @classmethod
    def of(cls, log_values: Array) -> PastStatistics:
        """Statistics of a past of shape (N, M, R), R at least 1."""
        ordered = np.sort(log_values, axis=-1)  # NaN last
        count = (~np.isnan(ordered)).sum(axis=-1)
        last = np.maximum(count - 1, 0)
        place = np.rint(last * TAIL_SHARE).astype(np.intp)
        low, middle, high = (_at(ordered, where) for where in (place, last // 2, last - place))
        tail = np.arange(max(1, round(TAIL_SHARE * ordered.shape[-1])))
        highest = np.take_along_axis(ordered, np.maximum(last[..., None] - tail, 0), axis=-1)
        below = _mean_excess(low[..., None] - ordered[..., tail])
        above = _mean_excess(highest - high[..., None])
        middle[count < LEAST_TICKS] = low[count < LEAST_TICKS] = high[count < LEAST_TICKS] = np.nan
        return cls(low, middle, high, below, above)

    def put(self, nodes: NDArray[np.intp], newer: PastStatistics) -> None:
        """Take the newer statistics of some nodes in the place of theirs."""
        for name in ("low", "middle", "high", "below", "above"):
            getattr(self, name)[nodes] = getattr(newer, name)


def _at(ordered: Array, place: NDArray[np.intp]) -> Array:
    result: Array = np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0].copy()
    return result


def _mean_excess(excesses: Array) -> Array:
    total = np.maximum(np.nan_to_num(excesses), 0).sum(axis=-1) + _PRIOR_TICKS * _LEAST_EXCESS
    result: Array = np.maximum(total / (excesses.shape[-1] + _PRIOR_TICKS), _LEAST_EXCESS).astype(np.float32)
    return result
