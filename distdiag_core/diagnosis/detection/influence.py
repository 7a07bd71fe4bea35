"""Influence of nodes: weighted PageRank on the compound anomaly graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

DAMPING = 0.85
_SMALL_CHANGE = 1e-6
_ROUNDS = 100


def influence(weights: Array) -> Array:
    """Weighted PageRank of a symmetric weight matrix (N, N); shape (N,), with mean 1.

    PR(i) = (1 - d) + d * sum over j of PR(j) * w_ij^2, d = 0.85 (Xiang et al., Journal of Software 36(3), 2025). As
    printed it diverges on large, strongly correlated clusters; it is therefore normalised to mean 1 each round.

    The fixed point solves lambda * PR = (1 - d) + d * W2 PR with W2 = w_ij^2 and lambda = (1 - d) + d * mean(W2 PR).
    That is the Katz centrality of W2 with attenuation d / lambda, since the formula does not divide by the strength of
    a node (the row sum of W2) as the PageRank of Brin and Page does; the two differ unless all strengths are equal. It
    is their PageRank, with damping d * c / lambda, of the graph in which each node has an edge of weight c minus its
    strength to a sink that spreads evenly, c being the largest strength, as long as that damping is below 1.
    """
    nodes = len(weights)
    squared = weights**2
    rank: Array = np.ones(nodes, dtype=np.float32)
    for _ in range(_ROUNDS):
        following: Array = np.float32(1 - DAMPING) + np.float32(DAMPING) * (squared @ rank)
        following *= np.float32(nodes) / following.sum()
        if np.abs(following - rank).max() < _SMALL_CHANGE:
            return following
        rank = following
    return rank
