"""Mean over the last quarter of a minute, tick by tick, of what each tick alone may have by chance.

The surprise of a normal metric is zero most of the time, and as often a rise as a fall: its mean stays small, whereas a
slight deviation that lasts keeps its size.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

_LASTING_S, _LEAST_TICKS = 15.0, 6


class LastingMean:
    """Moving mean of arrays of one shape, without NaN."""

    def __init__(self, shape: tuple[int, ...], period_s: float) -> None:
        self._ticks = max(_LEAST_TICKS, round(_LASTING_S / period_s))
        self._kept: deque[Array] = deque()
        # In double precision, so that what is added and taken away again leaves nothing.
        self._total: NDArray[np.float64] = np.zeros(shape)

    def take(self, newest: Array) -> Array:
        """Take in the array of a tick and give the mean, in which the ticks before the first count as zero."""
        self._kept.append(newest)
        self._total += newest
        if len(self._kept) > self._ticks:
            self._total -= self._kept.popleft()
        result: Array = (self._total / self._ticks).astype(np.float32)
        return result
