"""Values over time, brought to a number of cells of equal length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


# A tick that comes later than so many times the usual distance leaves a gap.
_LATE = 1.5


def averaged(
    times_s: NDArray[np.float64], values: NDArray[np.float64], span_s: tuple[float, float], cells: int
) -> NDArray[np.float64]:
    """The mean of what is known in each cell of a span; cells narrower than ticks hold the value of the tick before.

    Args:
        times_s: shape (T,), rising.
        values: shape (T,), NaN where unknown.
        span_s: from the first moment to the last one.

    Returns:
        shape (cells,); NaN where nothing is known.
    """
    place, known = _cells_of(times_s, span_s, cells), np.isfinite(values)
    use = known & (place >= 0)
    count = np.bincount(place[use], minlength=cells)[:cells]
    total = np.bincount(place[use], weights=values[use], minlength=cells)[:cells]
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return _between_ticks(means, place, times_s, (span_s[1] - span_s[0]) / cells)


def _between_ticks(
    means: NDArray[np.float64], place: NDArray[np.intp], times_s: NDArray[np.float64], cell_s: float
) -> NDArray[np.float64]:
    """With the cells that lie between two ticks, and have none of their own, as the cell of the tick before."""
    cells = np.arange(len(means))
    has_tick = np.isin(cells, place)
    before = np.maximum.accumulate(np.where(has_tick, cells, -1))
    tick_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    near = ~has_tick & (before >= 0) & (cells - before < _LATE * tick_s / cell_s)
    return np.where(near, means[before], means)


def held(changes: Sequence[tuple[float, float]], span_s: tuple[float, float], cells: int) -> NDArray[np.float64]:
    """The highest value in each cell of a quantity that holds each value until the next change.

    Args:
        changes: time and new value, the oldest first.

    Returns:
        shape (cells,); NaN before the first change.
    """
    start, stop = span_s
    edges = start + (stop - start) * np.arange(cells + 1) / cells
    result = np.full(cells, np.nan)
    ends = (*(time_s for time_s, _ in changes[1:]), np.inf)
    # Without changes, the last end has no beginning.
    for (time_s, value), end_s in zip(changes, ends, strict=False):
        inside = (edges[1:] > time_s) & (edges[:-1] < end_s)
        result[inside] = np.fmax(result[inside], value)
    return result


def _cells_of(times_s: NDArray[np.float64], span_s: tuple[float, float], cells: int) -> NDArray[np.intp]:
    """The cell of each moment; -1 outside the span."""
    start, stop = span_s
    share = (times_s - start) / max(stop - start, 1e-9)
    place = np.minimum(np.floor(share * cells), cells - 1)
    return np.where((share >= 0) & (share <= 1), place, -1).astype(np.intp)
