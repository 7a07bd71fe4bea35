"""Weighted PageRank on the compound anomaly graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

_DAMPING = 0.85
_SMALL_CHANGE = 1e-6
_ROUNDS = 100


def influence(weights: Array) -> Array:
    """PR(i) = (1 - d) + d * sum over j of PR(j) * w_ij^2, of weights (N, N); shape (N,), with mean 1.

    As printed (Xiang et al., Journal of Software 36(3), 2025) it diverges on large, strongly correlated clusters; it is
    therefore normalised each round.
    """
    nodes = len(weights)
    pull = weights**2
    rank: Array = np.ones(nodes, dtype=np.float32)
    for _ in range(_ROUNDS):
        following: Array = np.float32(1 - _DAMPING) + np.float32(_DAMPING) * (pull @ rank)
        following *= np.float32(nodes) / following.sum()
        if np.abs(following - rank).max() < _SMALL_CHANGE:
            return following
        rank = following
    return rank
