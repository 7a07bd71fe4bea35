"""Shift statistics of small windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.features.shifts import SHIFTS, shifts


def test_shifts_of_a_step() -> None:
    window = np.array([[[0, 0, 0, 2, 2, 2]]], dtype=np.float32)
    mean, low, high, trend, spread = shifts(window, np.zeros((1, 1), dtype=np.float32))[0, 0]
    assert (mean, low, high, trend, spread) == pytest.approx((1, 0, 2, 2, 1))


def test_shapes_may_have_leading_axes() -> None:
    assert shifts(np.zeros((7, 3, 2, 6), np.float32), np.zeros((7, 3, 2), np.float32)).shape == (7, 3, 2, len(SHIFTS))


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_a_constant_offset_moves_the_location_and_neither_trend_nor_spread(baseline: float, offset: float) -> None:
    window = np.array([[[0, 1, 2, 3, 4, 5]]], dtype=np.float32)
    still = shifts(window, np.zeros((1, 1), dtype=np.float32))[0, 0]
    moved = shifts(window + np.float32(baseline + offset), np.full((1, 1), baseline, dtype=np.float32))[0, 0]
    assert moved[:3] == pytest.approx(still[:3] + offset, abs=1e-3)
    assert moved[3:] == pytest.approx(still[3:], abs=1e-3)


def test_an_unknown_baseline_gives_unknown_shifts() -> None:
    assert np.isnan(shifts(np.zeros((1, 1, 6), np.float32), np.full((1, 1), np.nan, np.float32))).all()
