"""A time axis that stands still for some ticks and then moves by whole cells, so that little is painted a tick."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

# An axis moves no sooner than after so many ticks.
_STANDS_TICKS = 6


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """From `start_s` to `end_s`, which is at or after the newest tick, in so many cells."""

    start_s: float
    end_s: float
    cells: int

    @classmethod
    def of(cls, now_s: float, span_s: float, cells: int, interval_s: float, *, turn: float = 0.0) -> TimeAxis:
        """The axis that shows the newest `span_s` seconds.

        Args:
            turn: from 0 to 1; axes of different turns move at different ticks.
        """
        cell_s = span_s / max(1, cells)
        stands_s = cell_s * max(1, math.ceil(_STANDS_TICKS * interval_s / cell_s))
        shift_s = stands_s * turn
        end_s = math.ceil((now_s + shift_s) / stands_s) * stands_s - shift_s
        return cls(end_s - span_s, end_s, cells)

    def cell(self, time_s: float) -> int:
        """The cell of a moment; below 0 or `cells` and above where it is not on the axis."""
        return math.floor((time_s - self.start_s) / (self.end_s - self.start_s) * self.cells)

    def covered(self, start_s: float, end_s: float) -> range:
        """The cells that a stretch covers."""
        return range(max(0, self.cell(start_s)), min(self.cells, self.cell(end_s) + 1))


def binned(values: Array, times_s: NDArray[np.float64], axis: TimeAxis, columns: int) -> NDArray[np.float64]:
    """Means by column of the axis; where columns are narrower than ticks, straight lines between ticks.

    Args:
        values: shape (lines, T).
        columns: of dots, over the whole axis.

    Returns:
        shape (lines, columns); NaN where nothing is known.
    """
    width_s = (axis.end_s - axis.start_s) / columns
    first = int(np.searchsorted(times_s, axis.start_s - 2 * width_s))
    values, times_s = values[:, first:].astype(np.float64), times_s[first:]
    result = np.full((len(values), columns), np.nan)
    if len(times_s) < 2:
        return result
    place = np.floor((times_s - axis.start_s) / width_s + 1e-6).astype(int)
    on_axis = (place >= 0) & (place < columns)
    place, values, times_s = place[on_axis], values[:, on_axis], times_s[on_axis]
    if not len(place):
        return result
    known = np.isfinite(values)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    count = np.add.reduceat(known, starts, axis=1, dtype=np.int64)
    total = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
    result[:, place[starts]] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    tick_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    gap = math.ceil(1.5 * tick_s / width_s)
    if gap > 1:
        _bridge(result, gap)
    return result


def _bridge(lines: NDArray[np.float64], gap: int) -> None:
    """Fill columns between two known ones that are at most `gap` apart."""
    columns = np.arange(lines.shape[1])
    for line in lines:
        known = np.flatnonzero(np.isfinite(line))
        if len(known) < 2:
            continue
        after = np.searchsorted(known, columns).clip(1, len(known) - 1)
        near = (known[after] - known[after - 1] <= gap) & (columns > known[0]) & (columns < known[-1])
        line[near] = np.interp(columns[near], known, line[known])
