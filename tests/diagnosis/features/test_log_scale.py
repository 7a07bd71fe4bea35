"""Log scale of values of any sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.features.log_scale import from_log_scale, log_scale

_FLOOR = np.ones(1, dtype=np.float32)


def test_equal_ratios_are_equal_distances_and_any_sign_is_defined() -> None:
    values = np.array([[-1000, 0, 1000, 2000, 4000]], dtype=np.float32)
    scaled = log_scale(values, _FLOOR)[0]
    assert scaled[1] == 0
    assert scaled[0] == -scaled[2]
    assert scaled[4] - scaled[3] == pytest.approx(scaled[3] - scaled[2], abs=1e-3)


def test_the_floor_is_per_metric() -> None:
    values = np.array([[[10.0], [10.0]]], dtype=np.float32)
    scaled = log_scale(values, np.array([10, 1000], dtype=np.float32))
    assert scaled[0, :, 0] == pytest.approx([np.log(2), np.log(1.01)], rel=1e-5)


@given(st.lists(st.floats(-1e9, 1e9, width=32), min_size=2, max_size=9), st.floats(1e-3, 1e3))
def test_the_order_of_values_stays(values: list[float], floor: float) -> None:
    ordered = np.sort(np.array([values], dtype=np.float32))
    assert (np.diff(log_scale(ordered, np.array([floor], dtype=np.float32))) >= 0).all()


def test_unknown_values_stay_unknown() -> None:
    assert np.isnan(log_scale(np.array([[np.nan]], dtype=np.float32), _FLOOR)).all()


@given(st.floats(-1e9, 1e9, width=32), st.floats(1e-3, 1e3))
def test_the_way_back_gives_the_value(value: float, floor: float) -> None:
    floors = np.array([floor], dtype=np.float32)
    back = from_log_scale(log_scale(np.array([[value]], dtype=np.float32), floors)[:, 0], floors)
    assert back[0] == pytest.approx(value, rel=1e-4, abs=1e-5 * floor)
