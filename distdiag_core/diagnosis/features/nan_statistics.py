"""Statistics along the last axis that ignore NaN; NaN where all values are NaN."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def mean(values: Array, axis: int = -1) -> Array:
    """Mean along an axis."""
    known = ~np.isnan(values)
    if known.all():
        complete: Array = (values.sum(axis=axis) / np.float64(max(values.shape[axis], 1))).astype(np.float32)
        return complete
    count = known.sum(axis=axis)
    total = np.where(known, values, 0).sum(axis=axis)
    result: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return result


def deviation(values: Array, axis: int = -1) -> Array:
    """Standard deviation along an axis."""
    return np.sqrt(mean((values - np.expand_dims(mean(values, axis), axis)) ** 2, axis))


def quantiles(values: Array, shares: tuple[float, ...]) -> tuple[Array, ...]:
    """Quantiles along the last axis, interpolated; one sort for all of them."""
    if values.shape[-1] == 0:
        return tuple(np.full(values.shape[:-1], np.nan, dtype=np.float32) for _ in shares)
    ordered = np.sort(values, axis=-1)  # NaN last
    # Where all is known, a quantile has the same place everywhere, which costs a tenth of looking for each place.
    found = tuple(_at(ordered, (values.shape[-1] - 1) * share) for share in shares)
    incomplete = np.isnan(ordered[..., -1])
    if incomplete.any():
        partly = ordered[incomplete]
        newest = np.maximum((~np.isnan(partly)).sum(axis=-1) - 1, 0)
        for each, share in zip(found, shares, strict=True):
            each[incomplete] = _interpolate(partly, newest * share)
    return found


def median(values: Array) -> Array:
    """Median along the last axis."""
    return quantiles(values, (0.5,))[0]


def _at(ordered: Array, position: float) -> Array:
    """Values at one place of all rows."""
    low, high = ordered[..., math.floor(position)], ordered[..., math.ceil(position)]
    return np.array(low + (high - low) * np.float64(position - math.floor(position)), dtype=np.float32)


def _interpolate(ordered: Array, position: Array) -> Array:
    low = np.floor(position).astype(np.intp)
    high = np.minimum(low + 1, np.ceil(position).astype(np.intp))
    below = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    above = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    result: Array = (below + (above - below) * (position - low)).astype(np.float32)
    return result
