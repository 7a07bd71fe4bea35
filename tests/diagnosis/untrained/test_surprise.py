"""Surprise of values, and the moves that nodes share."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.past_statistics import PastStatistics
from distdiag_core.diagnosis.untrained.surprise import shared_move, surprise


def test_surprise_has_a_sign_grows_with_the_distance_and_is_zero_where_unknown() -> None:
    past = PastStatistics.of(np.random.default_rng(1).normal(0, 1, (1, 5, 200)).astype(np.float32))
    found = surprise(np.array([[0, 3, 6, -3, np.nan]], dtype=np.float32), past)[0]
    assert found[0] == found[4] == 0
    assert 1 < found[1] < found[2]
    assert found[3] < -1


def test_without_a_past_nothing_surprises() -> None:
    past = PastStatistics.of(np.full((1, 1, 3), np.nan, dtype=np.float32))
    assert surprise(np.array([[100]], dtype=np.float32), past) == 0


def test_only_what_the_peers_do_too_is_shared() -> None:
    moves = np.array([[2, 2, 1], [2, 0, -1], [3, 0, np.nan]], dtype=np.float32)
    calm = np.zeros(3, dtype=np.bool_)
    assert shared_move(moves, calm).tolist() == [[2, 0, 0], [2, 0, 0], [2, 0, 0]]
    assert shared_move(moves[:1], calm[:1]).tolist() == [[0, 0, 0]]


def test_a_change_of_load_may_move_a_node_twice_as_far_as_its_peers() -> None:
    moves = np.array([[1, 1, 5, -1], [1, 2, 1, 1], [1, 1, 1, 1]], dtype=np.float32)
    changed = np.array([True, True, False])
    assert shared_move(moves, changed).tolist() == [[1, 1, 2, 0], [1, 2, 1, 0], [1, 1, 1, 0]]
