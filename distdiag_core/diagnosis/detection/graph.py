"""Compound anomaly graph: a complete graph of the nodes, weighted by the correlation of their metrics.

Arrays are what a diagnosis computes with; `to_networkx` gives the same graph as an object to show and to export.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx

    from distdiag_core.metrics.frame import Array

# Tables of so many rows and columns, and so many products at a time, stay in the processor's cache while all metrics
# are added up, and are too small for the linear algebra library to share among threads that wait for each other longer
# than they compute.
_ROWS, _COLUMNS = 64, 384
_PRODUCTS = _ROWS * _COLUMNS
# Rounding of large constant values must not look like movement.
_CONSTANT = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyGraph:
    """Compound anomaly graph of one tick.

    Attributes:
        nodes: N names.
        anomalies: L names.
        weights: shape (N, N), as of `weights`.
        confidence: shape (N, L), the score vectors of the nodes, 0 to 1.
        influence: shape (N,), weighted PageRank with mean 1.
    """

    nodes: tuple[str, ...]
    anomalies: tuple[str, ...]
    weights: Array
    confidence: Array
    influence: Array

    def to_networkx(self) -> nx.Graph[str]:
        """The same as a networkx graph."""
        return to_networkx(self.nodes, self.anomalies, self.weights, self.confidence, self.influence)

    def part(self, places: Sequence[int]) -> AnomalyGraph:
        """The graph of these nodes alone, in this order; their influence stays that in the whole."""
        chosen = np.array(places, dtype=np.intp)
        return AnomalyGraph(
            tuple(self.nodes[place] for place in places),
            self.anomalies,
            self.weights[np.ix_(chosen, chosen)],
            self.confidence[chosen],
            self.influence[chosen],
        )


def weights(windows: Array) -> Array:
    """Edge weights w_ij: the mean over metrics k of |Pearson(m_i^k, m_j^k)| (Xiang et al., 2025).

    Args:
        windows: shape (N, M, T). A metric that is constant or unknown on one of two nodes counts as uncorrelated.

    Returns:
        Symmetric, shape (N, N), 0 to 1, zero on the diagonal.
    """
    nodes, metrics, _ = windows.shape
    unit = _unit(windows)
    unit = unit[:, unit.any(axis=(0, 2))]
    total = np.zeros((nodes, nodes), dtype=np.float32)
    for start in range(0, nodes, _ROWS):
        rows = slice(start, start + _ROWS)
        for first in range(start, nodes, _COLUMNS):
            columns = slice(first, first + _COLUMNS)
            block = _sum_of_correlations(unit, rows, columns)
            total[rows, columns] = block
            total[columns, rows] = block.T
    np.fill_diagonal(total, 0)
    result: Array = np.minimum(total / max(metrics, 1), 1)
    return result


def _sum_of_correlations(unit: Array, rows: slice, columns: slice) -> Array:
    """Sum over metrics of the absolute correlations, of unit vectors of shape (T, M, N)."""
    left, right = unit[:, :, rows].transpose(1, 2, 0), unit[:, :, columns].transpose(1, 0, 2)
    total = np.zeros((left.shape[1], right.shape[2]), dtype=np.float32)
    at_once = max(1, _PRODUCTS // total.size)
    products = np.empty((at_once, *total.shape), dtype=np.float32)
    for first in range(0, len(left), at_once):
        some = products[: len(left) - first]
        np.matmul(left[first : first + at_once], right[first : first + at_once], out=some)
        np.abs(some, out=some)
        total += some[0] if at_once == 1 else some.sum(axis=0)
    return total


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
    """Windows centred and scaled to length 1 along time, so that products are correlations; zero where constant.

    Returns:
        Shape (T, M, N): sums over time then run over whole tables.
    """
    ticks = np.ascontiguousarray(windows.transpose(2, 1, 0))
    known = ~np.isnan(ticks).any(axis=0)
    values = np.where(known, ticks, 0)
    centred = values - values.mean(axis=0)
    length = np.sqrt(np.einsum("tmn,tmn->mn", centred, centred))
    constant = length <= _CONSTANT * np.abs(values).max(axis=0, initial=0)
    unit: Array = centred * np.divide(1, length, out=np.zeros_like(length), where=~constant)
    return unit
