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
    count = values.shape[-1]
    if count == 1:
        return np.full_like(values, np.nan)
    ordered = np.sort(values, axis=-1)  # NaN last
    # Where all is known, the median of the others has the same two places everywhere.
    low, high = (
        _without_own(values, ordered[..., place : place + 1], ordered[..., place + 1 : place + 2])
        for place in ((count - 2) // 2, (count - 1) // 2)
    )
    medians: Array = ((low + high) / 2).astype(np.float32)
    incomplete = np.isnan(ordered[..., -1])
    if incomplete.any():
        medians[incomplete] = _of_incomplete(values[incomplete], ordered[incomplete])
    return medians


def _of_incomplete(values: Array, ordered: Array) -> Array:
    """Medians of others in rows (R, N) with unknown values."""
    others = (~np.isnan(values)).sum(axis=-1, keepdims=True) - ~np.isnan(values)
    last = values.shape[-1] - 1
    low, high = (
        _without_own(
            values,
            np.take_along_axis(ordered, place, axis=-1),
            np.take_along_axis(ordered, np.minimum(place + 1, last), axis=-1),
        )
        for place in (np.maximum(others - 1, 0) // 2, others // 2)
    )
    return np.where(others > 0, (low + high) / 2, np.nan).astype(np.float32)


def _without_own(values: Array, at_place: Array, behind: Array) -> Array:
    """What stands at a place of the ordered values once the own one is removed: all behind it move to the front."""
    return np.where(values <= at_place, behind, at_place)
