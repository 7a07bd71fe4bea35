"""Comparison of each node with its peers: what happens on all nodes at once singles out none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

# With more nodes than this, one more or less does not move the median by anything that matters.
_EXACT_UP_TO = 32


def against_peers(values: Array) -> Array:
    """Values of each node minus the median of the other nodes; shape (..., N, M, C), NaN for a single node."""
    if values.shape[-3] == 1:
        return np.full_like(values, np.nan)
    others = np.moveaxis(median_of_others(np.moveaxis(values, -3, -1)), -1, -3)
    return values - others


def median_of_others(values: Array) -> Array:
    """For each place along the last axis the median of all other places, NaN ignored; same shape as `values`."""
    if values.shape[-1] > _EXACT_UP_TO:
        return np.broadcast_to(nan_statistics.median(values)[..., None], values.shape)
    order = np.argsort(values, axis=-1)  # NaN last
    rank = np.argsort(order, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    others = (~np.isnan(values)).sum(axis=-1, keepdims=True) - ~np.isnan(values)
    low, high = np.maximum(others - 1, 0) // 2, others // 2
    last = values.shape[-1] - 1
    # Removing a place moves everything behind it one to the front.
    below = np.take_along_axis(ordered, np.minimum(low + (rank <= low), last), axis=-1)
    above = np.take_along_axis(ordered, np.minimum(high + (rank <= high), last), axis=-1)
    result: Array = np.where(others > 0, (below + above) / 2, np.nan).astype(np.float32)
    return result
