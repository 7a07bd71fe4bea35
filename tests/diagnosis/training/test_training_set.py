"""Training sets cut from the windows of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRows
from distdiag_core.diagnosis.training.dataset_windows import DatasetWindows
from distdiag_core.diagnosis.training.training_set import TrainingSet
from distdiag_core.diagnosis.training.window_labels import WindowLabels

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

TRUTH = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.int8)
RELATIVE = np.array([[1, 0], [0, 10], [3, 3]], dtype=np.float32)


@pytest.fixture
def windows() -> DatasetWindows:
    """Three windows of three cases; the node of the last has no clean past."""
    yes = np.ones(3, dtype=np.bool_)
    labels = WindowLabels(
        TRUTH, np.arange(3), np.arange(3), yes, np.ones(3, dtype=np.float32), np.array([True, True, False])
    )
    return DatasetWindows(MemoryRows(RELATIVE), MemoryRows(RELATIVE + 100), labels)


def in_memory(found: TrainingSet) -> Array:
    """Its rows as one array."""
    return np.concatenate(list(found.rows.parts()))


def test_the_relative_set_leaves_out_windows_without_a_past(windows: DatasetWindows) -> None:
    found = TrainingSet.relative(windows)
    assert in_memory(found).tolist() == [[1, 0], [0, 10]]
    assert found.truth.tolist() == [[1, 0], [0, 1]]
    assert found.case.tolist() == [0, 1]


def test_the_absolute_set_has_all_windows(windows: DatasetWindows) -> None:
    found = TrainingSet.absolute(windows)
    assert in_memory(found).tolist() == [[101, 100], [100, 110], [103, 103]]
    assert found.case.tolist() == [0, 1, 2]


def test_a_selection_keeps_rows_truth_and_cases_together(windows: DatasetWindows) -> None:
    found = TrainingSet.absolute(windows).select(np.array([False, False, True]))
    assert (in_memory(found).tolist(), found.truth.tolist(), found.case.tolist()) == ([[103, 103]], [[0, 0]], [2])


def test_synthetic_pairs_follow_the_windows_and_have_cases_of_their_own(windows: DatasetWindows) -> None:
    before = TrainingSet.relative(windows)
    found = before.with_pairs(seed=3)
    added = in_memory(found)[2:]
    assert np.array_equal(in_memory(found)[:2], RELATIVE[:2])
    assert len(found.rows) == len(found.truth) == len(found.case) > 2
    assert {tuple(row) for row in added.tolist()} == {(1.0, 10.0)}
    assert (found.truth[2:] == 1).all()
    assert found.case[2:].min() == 2
    assert np.array_equal(in_memory(before.with_pairs(seed=3)), in_memory(found))
