"""Log scale on which equal ratios of metric values are equal distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def log_scale(values: Array, floors: Array) -> Array:
    """Signed logarithm sign(x) log(1 + |x| / floor), defined for zero and negative values.

    Args:
        values: shape (..., M, T).
        floors: shape (M,), positive, in the unit of each metric; values far below a floor become zero.
    """
    result: Array = np.copysign(np.log1p(np.abs(values) / floors[:, None]), values)
    return result


def from_log_scale(values: Array, floors: Array | np.float32) -> Array:
    """Inverse of `log_scale`, of values (..., M) or of one metric: metric values in their units."""
    result: Array = np.copysign(np.expm1(np.abs(values)) * floors, values)
    return result
