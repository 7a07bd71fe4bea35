"""How far a node has left its reference, in five figures, alone and against its peers.

Comparing a node with its own immediate past is what carries a model from one system to another; on DBPA across hardware
these five carried over at least as well as sixteen statistics of the same distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

SHIFTS = ("mean", "low", "high", "trend", "spread")


def shifts(squashed: Array, reference: Array) -> Array:
    """Mean, 10 % and 90 % quantile, late minus early half, and standard deviation of the distance to `reference`.

    Takes (..., N, M, W) and (..., N, M), both squashed; gives (..., N, M, 5).
    """
    distance = squashed - reference[..., None]
    half = squashed.shape[-1] // 2
    low, high = nan_statistics.quantiles(distance, (0.1, 0.9))
    late, early = nan_statistics.mean(distance[..., -half:]), nan_statistics.mean(distance[..., :half])
    return np.stack(
        (nan_statistics.mean(distance), low, high, late - early, nan_statistics.deviation(distance)), axis=-1
    )


def against_peers(of_nodes: Array) -> Array:
    """The same figures minus the median of the other nodes; NaN for a lone node. Shape (..., N, M, 5) as it came."""
    if of_nodes.shape[-3] == 1:
        return np.full_like(of_nodes, np.nan)
    others = np.moveaxis(nan_statistics.median_of_others(np.moveaxis(of_nodes, -3, -1)), -1, -3)
    return of_nodes - others
