"""Statistics along the last axis that ignore NaN; NaN where all values are NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def mean(values: Array) -> Array:
    """Mean along the last axis."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0).sum(axis=-1)
    result: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return result


def deviation(values: Array) -> Array:
    """Standard deviation along the last axis."""
    return np.sqrt(mean((values - mean(values)[..., None]) ** 2))


def quantiles(values: Array, shares: tuple[float, ...]) -> tuple[Array, ...]:
    """Quantiles along the last axis, interpolated; one sort for all of them."""
    if values.shape[-1] == 0:
        return tuple(np.full(values.shape[:-1], np.nan, dtype=np.float32) for _ in shares)
    ordered = np.sort(values, axis=-1)  # NaN last
    newest = np.maximum((~np.isnan(values)).sum(axis=-1) - 1, 0)
    return tuple(_interpolate(ordered, newest * share) for share in shares)


def median(values: Array) -> Array:
    """Median along the last axis."""
    return quantiles(values, (0.5,))[0]


def _interpolate(ordered: Array, position: Array) -> Array:
    low = np.floor(position).astype(np.intp)
    high = np.minimum(low + 1, np.ceil(position).astype(np.intp))
    below = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    above = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    result: Array = (below + (above - below) * (position - low)).astype(np.float32)
    return result
