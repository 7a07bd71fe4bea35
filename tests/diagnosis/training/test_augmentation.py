"""Synthetic pairs of windows."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.training.augmentation import synthesize_pairs
from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRows

TRUTH = np.array([[1, 0], [0, 1], [0, 0], [1, 1], [-1, 1]], dtype=np.int8)
ROWS = np.array([[1, 0], [0, 10], [100, 100], [1000, 1000], [0, 20]], dtype=np.float32)
CASE = np.arange(5)


def test_pairs_are_sums_of_single_anomalies_of_two_kinds() -> None:
    rows, truth, case = synthesize_pairs(MemoryRows(ROWS), TRUTH, CASE)
    assert 0 < len(rows) <= 2000
    assert {tuple(row) for row in rows.tolist()} == {(1.0, 10.0), (1.0, 20.0)}
    assert (truth == 1).all()
    assert case.min() == 5
    assert len(np.unique(case)) <= 500


def test_the_same_seed_gives_the_same_pairs() -> None:
    one, other = (synthesize_pairs(MemoryRows(ROWS), TRUTH, CASE, seed=7)[0] for _ in range(2))
    assert np.array_equal(one, other)


def test_without_two_kinds_there_are_no_pairs() -> None:
    for chosen in ([0], [2]):
        rows, truth, case = synthesize_pairs(MemoryRows(ROWS[chosen]), TRUTH[chosen], CASE[chosen])
        assert len(rows) == len(truth) == len(case) == 0
