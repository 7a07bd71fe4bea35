"""Scores of all nodes and the correlations between them, as a diagnosis of one tick has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.graph import AnomalyGraph
from distdiag_core.diagnosis.detection.influence import influence
from tests.tui.canned import ANOMALIES

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot

_NAMES = tuple(anomaly.name for anomaly in ANOMALIES.anomalies)


def graph(nodes: tuple[str, ...], *, suspected: str | None = "n2", phase: float = 0.0) -> AnomalyGraph:
    """`suspected` suffers from CPU stress, and perhaps from slow disks; all others from nothing."""
    number = np.arange(len(nodes), dtype=np.float64)
    weights = 0.27 + 0.25 * np.sin(number[:, None] * 1.7 + number[None, :] * 1.7 + phase)
    weights = (weights + weights.T) / 2
    np.fill_diagonal(weights, 0)
    column = np.arange(len(_NAMES), dtype=np.float64)
    confidence = 0.02 + 0.1 * np.abs(np.sin(number[:, None] * 3.1 + column[None, :] * 1.3)) ** 4
    if suspected in nodes:
        confidence[nodes.index(suspected), _NAMES.index("cpu_stress")] = 0.98
        confidence[nodes.index(suspected), _NAMES.index("io_stress")] = 0.44
    edges = weights.astype(np.float32)
    return AnomalyGraph(nodes, _NAMES, edges, confidence.astype(np.float32), influence(edges))


def with_graph(snapshot: Snapshot, *, suspected: str | None = "n2", phase: float = 0.0) -> Snapshot:
    """The same tick, with the graph of its diagnosis."""
    assert snapshot.diagnosis is not None
    found = graph(snapshot.frame.nodes, suspected=suspected, phase=phase)
    return replace(snapshot, diagnosis=replace(snapshot.diagnosis, graph=found))
