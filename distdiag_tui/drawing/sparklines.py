"""Sparklines of many nodes and metrics at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

# Ticks in one cell. A sparkline that slid every tick would be repainted whole every tick.
STEP_TICKS = 5
_HEADROOM = 1.2
# Lower than this part of its scale, a sparkline shows too little.
_LEAST_FILL = 0.35


def binned(values: Array, tick: int, cells: int) -> NDArray[np.float64]:
    """Means of `STEP_TICKS` ticks each, the newest bin still filling.

    Args:
        values: shape (rows, metrics, T); the newest last, which is `tick`.
        tick: bins begin at whole multiples of the step, moved on by one tick a row, so that rows do not slide at once.

    Returns:
        shape (rows, metrics, cells); NaN where nothing is known.
    """
    rows, metrics, _ = values.shape
    result = np.full((rows, metrics, cells), np.nan)
    for phase in range(min(STEP_TICKS, rows)):
        filling = (tick + phase) % STEP_TICKS + 1
        wanted = (cells - 1) * STEP_TICKS + filling
        known = values[phase::STEP_TICKS, :, -wanted:]
        padded = np.full((*known.shape[:2], cells * STEP_TICKS), np.nan)
        padded[:, :, wanted - known.shape[2] : wanted] = known
        result[phase::STEP_TICKS] = _mean(padded.reshape(*known.shape[:2], cells, STEP_TICKS))
    return result


def cell_ages(tick: int, row: int, cells: int) -> list[tuple[int, int]]:
    """For each cell of a row of `binned` how many ticks ago it began, and how many ticks ago it ended."""
    filling = (tick + row % STEP_TICKS) % STEP_TICKS + 1
    ends = [0, *(filling + STEP_TICKS * cell for cell in range(cells))]
    return [(ends[cell + 1], ends[cell]) for cell in reversed(range(cells))]


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the last axis of what is known, without numpy's warning where that is nothing."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def ceiling(values: NDArray[np.float64], unit: str) -> float:
    """The top of a scale: 100 for a share, else the next of 1, 2, 5, 10, …, so that scales seldom change."""
    if unit == "%":
        return 100.0
    known = values[np.isfinite(values)]
    highest = float(known.max()) if known.size else 0.0
    if highest <= 0:
        return 1.0
    wanted = highest * _HEADROOM
    if unit.startswith("bytes"):
        # Powers of 1024 as in figures, so that the top of the scale is a round one too.
        prefix = 1024.0 ** max(0, math.floor(math.log(wanted, 1024)))
        steps = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1024.0)
        return next((step * prefix for step in steps if wanted <= step * prefix * 1.000_001), 2 * 1024.0 * prefix)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if wanted <= step * power * 1.000_001)


def steady_ceiling(before: float | None, values: NDArray[np.float64], unit: str) -> float:
    """The top of a scale that is drawn tick after tick: that of before as long as it suits what is drawn now.

    With the smallest one each time, a value near the edge of two scales would redraw all sparklines with every tick.
    """
    highest = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    if before is not None and before * _LEAST_FILL <= highest <= before:
        return before
    return ceiling(values, unit)


def drawn(bins: NDArray[np.float64], tops: Sequence[float], levels: str) -> list[list[str]]:
    """Bins of shape (rows, metrics, cells) as sparklines by row and metric, each from 0 to its metric's top."""
    signs = np.array(list(" " + levels))
    share = bins / np.array(tops)[None, :, None]
    steps = 1 + np.clip(np.rint(np.nan_to_num(share) * (len(levels) - 1)), 0, len(levels) - 1)
    return [["".join(cells) for cells in row] for row in signs[np.where(np.isnan(bins), 0, steps).astype(int)]]
