"""Threshold of each node's score, from the scores of its own normal operation.

A restless node needs a higher threshold than a calm one. As in SPOT (Siffer et al., KDD 2017) the tail beyond a high
quantile is extrapolated to the stated risk, here with an exponential tail. Too few scores leave the fixed bound, and a
second bound keeps a restless past from blinding the detector.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Chosen on repeats 0 to 4 of DBSherlock's single causes and a recording of the lab under many loads; see the bench.
LEAST, MOST = 5.2, 5.6
# Probability of a tick of normal operation to lie over the threshold: about one alarm an hour at a tick a second, since
# ticks over it come several together.
_RISK = 1e-3
_QUANTILE = 0.98
_KEPT, _ENOUGH = 600, 120
# How many ticks until the threshold is estimated anew.
_EVERY = 10


class ScoreThreshold:
    """Thresholds of N nodes, kept up to date with their scores."""

    def __init__(self, nodes: int) -> None:
        self.values: NDArray[np.float64] = np.full(nodes, LEAST)
        self._scores: deque[NDArray[np.float64]] = deque(maxlen=_KEPT)
        self._ticks = 0

    def take(self, scores: NDArray[np.float64]) -> None:
        """Take in the scores of a tick, shape (N,); NaN for nodes that are not known to be normal."""
        self._scores.append(scores)
        self._ticks += 1
        if len(self._scores) >= _ENOUGH and self._ticks % _EVERY == 0:
            past = np.sort(np.nan_to_num(np.stack(self._scores)), axis=0)
            self.values = np.clip(_extrapolated(past), LEAST, MOST)


def _extrapolated(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """The score that is exceeded with the stated risk, from ascending scores (T, N)."""
    first = int(_QUANTILE * len(ordered))
    high = ordered[first]
    excess = (ordered[first:] - high).mean(axis=0)
    result: NDArray[np.float64] = high + excess * np.log((1 - _QUANTILE) / _RISK)
    return result
