"""Moving mean along the last axis that ignores NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def moving_mean(values: Array, width: int) -> Array:
    """Mean of the last `width` values at each place, fewer at the first places; NaN where half of them are unknown.

    Args:
        values: shape (..., T).

    Returns:
        Shape (..., T).
    """
    known = ~np.isnan(values)
    total, count = _moving_sum(np.where(known, values, 0), width), _moving_sum(known, width)
    ticks = np.minimum(np.arange(1, values.shape[-1] + 1), width)
    mean = total / np.maximum(count, 1)
    result: Array = np.where(2 * count > ticks, mean, np.nan).astype(np.float32)
    return result


def _moving_sum(values: Array, width: int) -> Array:
    result: Array = np.cumsum(values, axis=-1, dtype=np.float64)
    result[..., width:] = result[..., width:] - result[..., :-width]
    return result
