"""Compound anomaly graph: a complete graph of the nodes, weighted by the correlation of their metrics.

Arrays are what a diagnosis computes with; `to_networkx` gives the same graph as an object to show and to export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

    from distdiag_core.metrics.frame import Array

# So many rows of the matrix at a time stay in the processor's cache while all metrics are added up.
_BLOCK = 64
# Rounding of large constant values must not look like movement.
_CONSTANT = 1e-5


def weights(windows: Array) -> Array:
    """Edge weights w_ij: the mean over metrics k of |Pearson(m_i^k, m_j^k)| (Xiang et al., 2025).

    Args:
        windows: shape (N, M, T). A metric that is constant or unknown on one of two nodes counts as uncorrelated.

    Returns:
        Symmetric, shape (N, N), 0 to 1, zero on the diagonal.
    """
    nodes, metrics, _ = windows.shape
    unit = _unit(windows)
    moving = np.ascontiguousarray(np.moveaxis(unit[:, unit.any(axis=(0, 2))], 1, 0))  # (metrics, N, T)
    total = np.zeros((nodes, nodes), dtype=np.float32)
    for start in range(0, nodes, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = np.zeros((len(total[rows]), nodes - start), dtype=np.float32)
        product = np.empty_like(block)
        for metric in moving:
            np.matmul(metric[rows], metric[start:].T, out=product)
            block += np.abs(product, out=product)
        total[rows, start:] = block
        total[start:, rows] = block.T
    np.fill_diagonal(total, 0)
    result: Array = np.minimum(total / max(metrics, 1), 1)
    return result


def to_networkx(
    nodes: Sequence[str], anomalies: Sequence[str], edge_weights: Array, confidence: Array, influence: Array
) -> nx.Graph[str]:
    """Compound anomaly graph as a networkx graph.

    Args:
        edge_weights: shape (N, N), as of `weights`; uncorrelated nodes have an edge of weight 0.
        confidence: shape (N, L).
        influence: shape (N,).

    Returns:
        Node attributes `scores`, the confidence by anomaly, and `influence`; edge attribute `weight`.
    """
    # Takes a third of a second to import, which only an export should cost.
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for place, node in enumerate(nodes):
        scores = dict(zip(anomalies, confidence[place].tolist(), strict=True))
        graph.add_node(node, scores=scores, influence=float(influence[place]))
    for one in range(len(nodes)):
        for other in range(one + 1, len(nodes)):
            graph.add_edge(nodes[one], nodes[other], weight=float(edge_weights[one, other]))
    return graph


def _unit(windows: Array) -> Array:
    """Windows centred and scaled to length 1 along time, so that products are correlations; zero where constant."""
    known = ~np.isnan(windows).any(axis=-1, keepdims=True)
    values = np.where(known, windows, 0)
    centred = values - values.mean(axis=-1, keepdims=True)
    length = np.sqrt(np.einsum("nmt,nmt->nm", centred, centred))[..., None]
    constant = length <= _CONSTANT * np.abs(values).max(axis=-1, keepdims=True, initial=0)
    unit: Array = np.divide(centred, length, out=np.zeros_like(centred), where=~constant)
    return unit
