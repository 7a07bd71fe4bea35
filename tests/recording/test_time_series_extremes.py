"""Long time series in few columns: what is kept, and what stays a gap."""

from __future__ import annotations

import numpy as np

from distdiag_core.recording.time_series_extremes import Extremes


def test_every_spike_of_a_week_is_kept_and_a_gap_stays_one() -> None:
    times_s = np.arange(0.0, 7 * 86_400.0)
    values = np.full((2, len(times_s)), 10.0, dtype=np.float32)
    values[0, 123_456], values[1, 400_000] = 99.0, -5.0
    values[:, 200_000:300_000] = np.nan
    week = Extremes.empty(("n1", "n2"), 0.0, 7 * 86_400.0, 200)
    for start in range(0, len(times_s), 50_000):
        part = slice(start, start + 50_000)
        week.add(("n1", "n2"), times_s[part], values[:, part])
    assert week.highest[0, int(123_456 / week.column_s)] == 99.0
    assert week.lowest[1, int(400_000 / week.column_s)] == -5.0
    gap = slice(int(200_000 / week.column_s) + 1, int(300_000 / week.column_s))
    assert np.isnan(week.lowest[:, gap]).all()
    outside = np.delete(week.first, np.arange(gap.start, gap.stop), axis=1)
    assert np.isfinite(outside).all()


def test_first_and_last_of_a_column_are_those_of_all_parts() -> None:
    extremes = Extremes.empty(("n1", "gone"), 0.0, 20.0, 2)
    extremes.add(("other", "n1"), np.array([1.0, 3.0]), np.array([[0, 0], [4, 2]], dtype=np.float32))
    extremes.add(("n1",), np.array([5.0, 12.0, -1.0, 30.0]), np.array([[9, 7, 100, 100]], dtype=np.float32))
    assert [part[0].tolist() for part in (extremes.first, extremes.last)] == [[4.0, 7.0], [9.0, 7.0]]
    assert [part[0].tolist() for part in (extremes.lowest, extremes.highest)] == [[2.0, 7.0], [9.0, 7.0]]
    assert np.isnan(extremes.highest[1]).all()


def test_a_clock_that_was_set_back_spoils_no_extreme() -> None:
    extremes = Extremes.empty(("n1",), 0.0, 10.0, 5)
    extremes.add(("n1",), np.array([5.0, 1.0, 5.5]), np.array([[1, 2, 3]], dtype=np.float32))
    assert extremes.highest[0, 2] == 3.0
    assert extremes.lowest[0, [0, 2]].tolist() == [2.0, 1.0]
