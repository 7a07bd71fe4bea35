"""Lengths of windows, and the clean ticks before one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.features.baseline_window import WindowLengths, baseline, ticks_before


@pytest.mark.parametrize(
    ("period_s", "lengths"),
    [(1.0, WindowLengths(10, 60, 10)), (5.0, WindowLengths(6, 12, 5)), (0.5, WindowLengths(20, 120, 20))],
)
def test_windows_last_ten_seconds_or_six_samples(period_s: float, lengths: WindowLengths) -> None:
    assert WindowLengths.of(period_s) == lengths


def test_the_newest_clean_ticks_before_the_window_are_taken() -> None:
    clean = np.array([0, 1, 2, 5, 6, 7, 9])
    lengths = WindowLengths(window=2, baseline=4, least_baseline=3)
    assert ticks_before(clean, 8, lengths).tolist() == [2, 5, 6, 7]
    assert ticks_before(clean, 3, lengths).tolist() == [0, 1, 2]
    assert ticks_before(clean, 2, lengths).tolist() == []


@given(st.sets(st.integers(0, 200)), st.integers(0, 200))
def test_a_baseline_is_clean_old_enough_and_never_too_short(clean: set[int], start: int) -> None:
    lengths = WindowLengths.of(1.0)
    found = ticks_before(np.array(sorted(clean), dtype=np.intp), start, lengths)
    assert set(found.tolist()) <= {tick for tick in clean if tick < start}
    assert len(found) == 0 or lengths.least_baseline <= len(found) <= lengths.baseline


def test_a_baseline_is_the_median_of_what_is_known() -> None:
    values = np.array([[[1, 9, 2], [np.nan, 4, 6]]], dtype=np.float32)
    assert baseline(values).tolist() == [[2, 5]]
    assert np.isnan(baseline(values[..., :0])).all()
