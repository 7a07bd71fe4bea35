"""Places of the nodes of a compound anomaly graph on a plane, and which of many are worth one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import ranking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.graph import AnomalyGraph

# More nodes on one circle lie too close; springs then draw together what is correlated.
MOST_ON_CIRCLE = 12
_SEED = 8
# Closer than this, places are alike but for rounding.
_ALIKE = 1e-9


def most_involved(graph: AnomalyGraph, most: int) -> list[int]:
    """Indices of at most so many nodes, in their order in the graph: those with the highest importance."""
    if len(graph.nodes) <= most:
        return list(range(len(graph.nodes)))
    highest = ranking.importance(graph.confidence, graph.influence).max(axis=1, initial=0.0)
    return sorted(np.argsort(-highest, kind="stable")[:most].tolist())


def positions(graph: AnomalyGraph) -> NDArray[np.float64]:
    """Places of the nodes from -1 to 1, shape (N, 2), y upwards: on a circle, of many nodes by springs.

    The same graph gives the same places.
    """
    count = len(graph.nodes)
    if count <= 1:
        return np.zeros((count, 2))
    if count <= MOST_ON_CIRCLE:
        # From the top, clockwise.
        angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
        return _stretched(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    # Takes a third of a second to import, which a small cluster need not wait for.
    import networkx as nx

    placed = nx.spring_layout(graph.to_networkx(), weight="weight", seed=_SEED, k=2 / np.sqrt(count))
    return _stretched(np.array([placed[node] for node in graph.nodes]))


def _stretched(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same from -1 to 1 on both axes; an axis on which all are alike stays at 0."""
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    half = (places.max(axis=0) - places.min(axis=0)) / 2
    result: NDArray[np.float64] = (places - middle) / np.where(half > _ALIKE, half, 1.0)
    return result
