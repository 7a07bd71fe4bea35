"""The clean past: what a window is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.features.feature_spec import Spans
    from distdiag_core.metrics.frame import Array

Mask = NDArray[np.bool_]

# Queues are worked off for a while after an anomaly: neither normal enough to be a reference nor trouble.
_RECOVERY_S = 15.0


def inside(times_s: NDArray[np.float64], stretches: Iterable[tuple[float, float]]) -> Mask:
    """Which of the times, shape (T,), lie in one of the stretches, ends included."""
    result = np.zeros(len(times_s), dtype=np.bool_)
    for start_s, end_s in stretches:
        result |= (times_s >= start_s) & (times_s <= end_s)
    return result


def clean_ticks(case: Case) -> Mask:
    """Which ticks of a case can serve as a reference: normal ones that are not the recovery from an anomaly."""
    times_s = case.window.times_s
    normal = inside(times_s, case.normal) if case.normal else np.ones(len(times_s), dtype=np.bool_)
    return normal & ~inside(times_s, ((label.start_s, label.end_s + _RECOVERY_S) for label in case.labels))


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
