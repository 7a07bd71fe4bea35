"""Values over time, brought to a number of cells of equal length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def averaged(
    times_s: NDArray[np.float64], values: NDArray[np.float64], span_s: tuple[float, float], cells: int
) -> NDArray[np.float64]:
    """The mean of what is known in each cell of a span.

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
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


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
