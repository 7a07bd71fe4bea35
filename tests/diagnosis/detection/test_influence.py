"""Influence and the exported graph, against networkx."""

from __future__ import annotations

import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from distdiag_core.diagnosis.detection import graph
from distdiag_core.diagnosis.detection.influence import DAMPING, influence


def _weights(nodes: int, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    windows = np.random.default_rng(seed).normal(5, 2, (nodes, 4, 10)).astype(np.float32)
    return graph.weights(windows)


def test_the_graph_of_networkx_has_the_values_of_the_arrays() -> None:
    weights = _weights(4, 1)
    confidence = np.linspace(0, 1, 8, dtype=np.float32).reshape(4, 2)
    nodes, anomalies = ("a", "b", "c", "d"), ("cpu_stress", "io_stress")
    rank = influence(weights)
    found = graph.to_networkx(nodes, anomalies, weights, confidence, rank)
    assert np.array_equal(nx.to_numpy_array(found, nodelist=nodes), weights)
    assert found.number_of_edges() == 6
    for place, node in enumerate(nodes):
        assert found.nodes[node]["scores"] == dict(zip(anomalies, confidence[place].tolist(), strict=True))
        assert found.nodes[node]["influence"] == rank[place]


@pytest.mark.parametrize("nodes", [2, 3, 12])
@pytest.mark.parametrize("seed", [1, 2])
def test_influence_is_the_katz_centrality_of_the_squared_weights(nodes: int, seed: int) -> None:
    weights = _weights(nodes, seed)
    squared = weights.astype(np.float64) ** 2
    rank = influence(weights)
    scale = (1 - DAMPING) + DAMPING * float((squared @ rank).mean())
    katz = nx.katz_centrality_numpy(nx.from_numpy_array(squared), DAMPING / scale, 1.0, weight="weight")
    expected = np.array([katz[node] for node in range(nodes)])
    assert rank == pytest.approx(expected / expected.mean(), abs=1e-4)


def test_influence_is_pagerank_where_a_sink_takes_what_strengths_lack() -> None:
    weights = _weights(6, 3)
    squared = weights.astype(np.float64) ** 2
    rank = influence(weights)
    scale = (1 - DAMPING) + DAMPING * float((squared @ rank).mean())
    strength = squared.sum(axis=1)
    damping = DAMPING * float(strength.max()) / scale
    assert 0 < damping < 1
    completed = nx.from_numpy_array(squared).to_directed()
    for node in range(6):
        completed.add_edge(node, "sink", weight=float(strength.max() - strength[node]))
    evenly = dict.fromkeys(range(6), 1.0)
    found = nx.pagerank(completed, damping, evenly, max_iter=1000, tol=1e-12, dangling=evenly)
    expected = np.array([found[node] for node in range(6)])
    assert rank == pytest.approx(expected / expected.mean(), abs=1e-4)


def test_nodes_of_equal_strength_have_equal_influence_as_in_pagerank() -> None:
    weights = np.full((5, 5), 0.5, dtype=np.float32) - 0.5 * np.eye(5, dtype=np.float32)
    pagerank = nx.pagerank(nx.from_numpy_array(weights**2))
    assert influence(weights) / 5 == pytest.approx(np.array([pagerank[node] for node in range(5)]), abs=1e-5)


def test_a_diagnosis_does_not_import_networkx() -> None:
    code = "import sys, distdiag_core.diagnosis.detection.diagnoser; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
