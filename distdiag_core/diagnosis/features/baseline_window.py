"""The clean past: what a window is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.features.feature_spec import Spans
    from distdiag_core.metrics.frame import Array


def ticks_before(clean: NDArray[np.intp], start: int, spans: Spans) -> NDArray[np.intp]:
    """The newest clean ticks before tick `start`, as many as a reference takes; none where there are too few.

    `clean` are the indices of all clean ticks, in order.
    """
    stop = int(np.searchsorted(clean, start))
    found = clean[max(0, stop - spans.reference) : stop]
    return found if len(found) >= spans.least_reference else found[:0]


def level(squashed: Array) -> Array:
    """What is usual, robustly: the median over ticks; (N, M, T) to (N, M), NaN without ticks."""
    return nan_statistics.median(squashed)
