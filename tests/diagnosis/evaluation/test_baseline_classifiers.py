"""Targets and scores of the baselines' classifiers."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.evaluation.baseline_classifiers import METHODS, multiclass_targets, nearest_neighbours


def test_a_compound_is_trained_as_each_of_its_parts() -> None:
    truth = np.array([[1, 1], [0, 0], [0, 1], [-1, 0]], dtype=np.int8)
    places, classes = multiclass_targets(truth)
    assert list(zip(places.tolist(), classes.tolist(), strict=True)) == [(0, 0), (0, 1), (2, 1), (1, 2)]


def test_the_nearest_windows_vote() -> None:
    rows = np.repeat(np.array([[0.0, 0.0], [10.0, 10.0]], dtype=np.float32), 5, axis=0)
    truth = np.repeat(np.array([[0], [1]], dtype=np.int8), 5, axis=0)
    scores = nearest_neighbours(rows, truth)(np.array([[1, 1], [9, 9]], dtype=np.float32))
    assert scores.tolist() == [[0.0], [1.0]]


def test_the_paper_alone_ranks_by_the_graph() -> None:
    assert [each.by_graph for each in METHODS] == [True, False, False, False]
