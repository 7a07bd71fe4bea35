"""Baseline of a window: the clean ticks before it, and the lengths of both in ticks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

# A window is the newest ten seconds, its baseline the minute before. Fewer samples than these carry too little
# information, so that slow sampling lengthens both.
_WINDOW_S, _WINDOW_TICKS = 10.0, 6
_BASELINE_S, _BASELINE_TICKS = 60.0, 12
_LEAST_BASELINE_S, _LEAST_BASELINE_TICKS = 10.0, 5

# A window counts as anomalous once this share of it is, and no more once this share lies past the end of the anomaly;
# between the two it may be called either.
ANOMALOUS_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class WindowLengths:
    """Lengths in ticks of a window, of its baseline, and of the shortest baseline that is enough."""

    window: int
    baseline: int
    least_baseline: int

    @classmethod
    def of(cls, period_s: float) -> WindowLengths:
        """Lengths at `period_s` seconds between samples."""
        return cls(
            max(_WINDOW_TICKS, round(_WINDOW_S / period_s)),
            max(_BASELINE_TICKS, round(_BASELINE_S / period_s)),
            max(_LEAST_BASELINE_TICKS, round(_LEAST_BASELINE_S / period_s)),
        )


def ticks_before(clean: NDArray[np.intp], start: int, lengths: WindowLengths) -> NDArray[np.intp]:
    """Indices of the newest clean ticks before tick `start`, one baseline of them; none where there are too few.

    Args:
        clean: ascending indices of all clean ticks.
    """
    stop = int(np.searchsorted(clean, start))
    found = clean[max(0, stop - lengths.baseline) : stop]
    return found if len(found) >= lengths.least_baseline else found[:0]


def baseline(log_values: Array) -> Array:
    """Median over ticks, (N, M, T) to (N, M); NaN without ticks."""
    return nan_statistics.median(log_values)
