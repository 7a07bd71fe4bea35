"""Statistics of small windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.features.window_statistics import LOCATION, MOVEMENT, window_statistics


def test_statistics_of_a_step() -> None:
    window = np.array([[[0, 0, 0, 2, 2, 2]]], dtype=np.float32)
    mean, low, high, trend, spread = window_statistics(window)[0, 0]
    assert (mean, low, high, trend, spread) == pytest.approx((1, 0, 2, 2, 1))


def test_statistics_may_have_leading_axes() -> None:
    expected = (7, 3, 2, len(LOCATION) + len(MOVEMENT))
    assert window_statistics(np.zeros((7, 3, 2, 6), np.float32)).shape == expected


@given(st.floats(-100, 100))
def test_an_offset_moves_the_location_and_neither_trend_nor_spread(offset: float) -> None:
    window = np.array([[[0, 1, 2, 3, 4, 5]]], dtype=np.float32)
    still, moved = window_statistics(window)[0, 0], window_statistics(window + np.float32(offset))[0, 0]
    assert moved[:3] == pytest.approx(still[:3] + offset, abs=1e-3)
    assert moved[3:] == pytest.approx(still[3:], abs=1e-3)
