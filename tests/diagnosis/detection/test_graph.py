"""Edges and influence, against formulas written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection import graph
from distdiag_core.diagnosis.detection.influence import influence

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def _windows(nodes: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(5, 2, (nodes, 4, 10)).astype(np.float32)


@pytest.mark.parametrize("nodes", [2, 3, 130])
def test_weights_are_the_mean_absolute_correlation(nodes: int) -> None:
    windows = _windows(nodes)
    weights = graph.weights(windows)
    for one, other in ((0, 1), (nodes - 1, 0)):
        pearson = [np.corrcoef(windows[one, metric], windows[other, metric])[0, 1] for metric in range(4)]
        assert weights[one, other] == pytest.approx(np.abs(pearson).mean(), abs=1e-4)
    assert np.array_equal(weights, weights.T)
    assert not np.diagonal(weights).any()


def test_what_stands_still_or_is_unknown_connects_nobody() -> None:
    windows = _windows(3)
    windows[0] = 3e9
    windows[1, :, 2] = np.nan
    assert not graph.weights(windows).any()


def test_influence_solves_the_formula_up_to_its_scale() -> None:
    weights = graph.weights(_windows(5))
    rank = influence(weights)
    following = 0.15 + 0.85 * (weights**2) @ rank
    assert rank.mean() == pytest.approx(1, abs=1e-4)
    assert following / following.mean() == pytest.approx(rank, abs=1e-4)


def test_influence_stays_finite_where_the_printed_formula_diverges() -> None:
    weights = np.ones((200, 200), dtype=np.float32) - np.eye(200, dtype=np.float32)
    assert influence(weights) == pytest.approx(np.ones(200), abs=1e-4)
