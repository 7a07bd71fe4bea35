from __future__ import annotations

import numpy as np
import pytest

from distdiag_tui.views.time_axis import TimeAxis, binned


@pytest.mark.parametrize("turn", [0.0, 0.5])
def test_an_axis_stands_still_and_then_moves_by_whole_cells(turn: float) -> None:
    ends = [TimeAxis.of(1000.0 + tick, 300.0, 50, 1.0, turn=turn).end_s for tick in range(13)]
    steps = np.diff(ends)
    assert set(steps.tolist()) == {0.0, 6.0}
    assert (steps > 0).sum() == 2
    assert all(end >= 1000.0 + tick for tick, end in enumerate(ends))


def test_stretches_cover_their_cells_and_no_others() -> None:
    axis = TimeAxis(0.0, 100.0, 10)
    assert list(axis.covered(20.0, 35.0)) == [2, 3]
    assert not axis.covered(-50.0, -10.0)
    assert not axis.covered(120.0, 130.0)


def test_columns_are_means_of_their_ticks() -> None:
    values = np.array([[1.0, 3.0, 5.0, 7.0]], dtype=np.float32)
    axis = TimeAxis(0.0, 4.0, 2)
    assert binned(values, np.arange(4.0), axis, 2).tolist() == [[2.0, 6.0]]


def test_between_ticks_a_straight_line_and_over_a_gap_none() -> None:
    values = np.array([[0.0, 2.0, np.nan, np.nan, np.nan, 2.0, 4.0]], dtype=np.float32)
    found = binned(values, np.arange(7.0), TimeAxis(0.0, 7.0, 14), 14)[0]
    assert found[:3].tolist() == [0.0, 1.0, 2.0]
    assert np.isnan(found[3:10]).all()
    assert found[10:13].tolist() == [2.0, 3.0, 4.0]


def test_before_the_first_ticks_nothing_is_known() -> None:
    nothing = binned(np.empty((2, 0), dtype=np.float32), np.empty(0), TimeAxis(0.0, 10.0, 5), 10)
    assert nothing.shape == (2, 10)
    assert np.isnan(nothing).all()
