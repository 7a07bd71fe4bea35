"""Rankings of a replay, and the windows that it goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.evaluation.replay import Replay, growing_windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def test_windows_grow_tick_by_tick(case_of: Callable[..., Case]) -> None:
    case = case_of(1, ticks=12)
    assert [len(window) for window in growing_windows(case, 10)] == [10, 11, 12]
    assert [len(window) for window in growing_windows(case, 20)] == [12]


def test_a_ranking_goes_by_the_mean_over_ticks_with_a_past(case_of: Callable[..., Case]) -> None:
    case = case_of(1, nodes=("n1", "n2"), ticks=3)
    importance = np.array([[[9.0], [0]], [[1], [2]], [[1], [4]]], dtype=np.float32)
    no = np.zeros(3, dtype=np.bool_)
    has_past = np.array([False, True, True])
    found = Replay(case, ("a",), case.window.times_s, importance, importance, importance > 5, no, has_past, 1.0)
    everything = np.ones(3, dtype=np.bool_)
    assert found.ranking(everything) == (("n2", "a"), ("n1", "a"))
    assert found.ranking(np.array([True, False, False])) == (("n1", "a"), ("n2", "a"))
