"""Distances to the past in robust standard deviations, and the tick at which a metric has left it."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.movement import movement, onset_tick


def test_sigmas_are_of_the_newest_half_against_the_robust_spread() -> None:
    past = np.arange(101, dtype=np.float32)[None]
    window = np.array([[0, 0, 118, 118]], dtype=np.float32)
    moved = movement(window, past)
    assert (moved.before[0], moved.now[0]) == (50, 118)
    assert moved.sigma[0] == pytest.approx((118 - 50) / 34)


def test_a_constant_past_has_a_least_deviation() -> None:
    moved = movement(np.full((1, 4), 1.02, np.float32), np.ones((1, 9), np.float32))
    assert moved.sigma[0] == pytest.approx(1, abs=1e-3)


def test_without_a_past_there_are_none() -> None:
    assert np.isnan(movement(np.ones((2, 4), np.float32), np.ones((2, 0), np.float32)).sigma).all()


def test_the_onset_is_the_first_tick_that_has_left_and_stays_away() -> None:
    values = np.array([10, 10.1, 14, 9.9, 10, 13.5, 14, 15, 16], dtype=np.float32)
    assert onset_tick(values, before=10, deviation=1) == 5


def test_a_fall_has_an_onset_too() -> None:
    assert onset_tick(np.array([10, 10, 2, 2, 2], dtype=np.float32), before=10, deviation=1) == 2


def test_what_stays_near_its_past_has_no_onset() -> None:
    assert onset_tick(np.array([10, 12.9, 8, 10], dtype=np.float32), before=10, deviation=1) is None
    assert onset_tick(np.array([np.nan, np.nan], dtype=np.float32), before=10, deviation=1) is None
