"""Thresholds from past scores."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.score_threshold import LEAST, MOST, ScoreThreshold


def test_a_restless_node_gets_a_higher_threshold_within_bounds() -> None:
    rng, threshold = np.random.default_rng(2), ScoreThreshold(3)
    assert threshold.values.tolist() == [LEAST] * 3
    for _ in range(300):
        threshold.take(np.array([0.5, rng.exponential(1.07), rng.exponential(5)]))
    calm, restless, wild = threshold.values
    assert calm == LEAST
    assert LEAST < restless < MOST
    assert wild == MOST


def test_unknown_scores_count_as_calm() -> None:
    threshold = ScoreThreshold(1)
    for _ in range(300):
        threshold.take(np.array([np.nan]))
    assert threshold.values.tolist() == [LEAST]
