"""Training sets: windows of a dataset, with synthetic pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRows
from distdiag_core.diagnosis.training.training_set import TrainingSet

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

ROWS = np.array([[1, 0], [0, 10], [3, 3]], dtype=np.float32)
SET = TrainingSet(MemoryRows(ROWS), np.array([[1, 0], [0, 1], [0, 0]], dtype=np.int8), np.arange(3))


def in_memory(found: TrainingSet) -> Array:
    """Its rows as one array."""
    return np.concatenate(list(found.rows.parts()))


def test_a_selection_keeps_rows_truth_and_cases_together() -> None:
    found = SET.select(np.array([False, False, True]))
    assert (in_memory(found).tolist(), found.truth.tolist(), found.case.tolist()) == ([[3, 3]], [[0, 0]], [2])


def test_synthetic_pairs_follow_the_windows_and_have_cases_of_their_own() -> None:
    found = SET.with_pairs(seed=3)
    added = in_memory(found)[3:]
    assert np.array_equal(in_memory(found)[:3], ROWS)
    assert len(found.rows) == len(found.truth) == len(found.case) > 3
    assert {tuple(row) for row in added.tolist()} == {(1.0, 10.0)}
    assert (found.truth[3:] == 1).all()
    assert found.case[3:].min() == 3
    assert np.array_equal(in_memory(SET.with_pairs(seed=3)), in_memory(found))


def test_a_thinned_set_keeps_every_anomalous_window_and_about_half_of_the_rest() -> None:
    truth = np.zeros((1000, 2), dtype=np.int8)
    truth[::10, 0] = 1
    many = TrainingSet(MemoryRows(np.zeros((1000, 1), dtype=np.float32)), truth, np.arange(1000))
    found = many.thinned(seed=1)
    assert (found.truth == 1).sum() == 100
    assert 400 < len(found.rows) - 100 < 500
    assert np.array_equal(found.case, many.thinned(seed=1).case)
