"""States of nodes over time: which are anomalous since when, and which carry another load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Mask

# A state begins after so many seconds over the threshold, at least two ticks, and ends after so many below a share of
# it (hysteresis).
_STEADY_S, _CALM_S = 5.0, 4.0
_OFF_SHARE = 0.8


class NodeStates:
    """States of N nodes.

    Attributes:
        anomalous, load_change: shape (N,).
        since_s: shape (N,), onset of what is anomalous; NaN where nothing is.
    """

    def __init__(self, nodes: int, period_s: float) -> None:
        self._steady = max(2, round(_STEADY_S / period_s))
        self._calm = max(2, round(_CALM_S / period_s))
        self.anomalous: Mask = np.zeros(nodes, dtype=np.bool_)
        self.load_change: Mask = np.zeros(nodes, dtype=np.bool_)
        self.since_s: NDArray[np.float64] = np.full(nodes, np.nan)
        self._over = np.zeros(nodes, dtype=np.intp)
        self._below = np.zeros(nodes, dtype=np.intp)
        self._load = np.zeros(nodes, dtype=np.intp)
        self._first_s: NDArray[np.float64] = np.full(nodes, np.nan)

    def observe(self, share: NDArray[np.float64], load: Mask, time_s: float) -> None:
        """Take in a tick.

        Args:
            share: shape (N,), scores as shares of their thresholds.
            load: shape (N,), where a change of load explains the score.
        """
        over = (share >= 1) & ~load
        self._first_s[over & (self._over == 0)] = time_s
        self._over = np.where(over, self._over + 1, 0)
        self._below = np.where(share < _OFF_SHARE, self._below + 1, 0)
        self._load = np.where(load, self._load + 1, 0)
        begins = ~self.anomalous & (self._over >= self._steady)
        self.since_s[begins] = self._first_s[begins]
        self.anomalous = (self.anomalous | begins) & (self._below < self._calm)
        self.since_s[~self.anomalous] = np.nan
        self.load_change = ~self.anomalous & (self._load >= self._steady)
