"""Calibration error of weighted samples, and moments of normal operation."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.training.normal_period import NormalPeriod
from distdiag_core.diagnosis.training.out_of_fold import binned_error
from distdiag_core.diagnosis.training.window_labels import WindowLabels


def test_the_error_is_the_weighted_distance_within_bins() -> None:
    probabilities = np.array([0.85, 0.85, 0.15, 1.0], dtype=np.float32)
    true = np.array([True, False, False, True])
    assert binned_error(probabilities, true, np.ones(4)) == pytest.approx((0.7 + 0.15 + 0) / 4)
    assert binned_error(probabilities, true, np.array([1.0, 0, 0, 0])) == pytest.approx(0.15)
    assert binned_error(probabilities, true, np.zeros(4)) == 0


def test_the_windows_of_one_tick_are_one_moment_and_alarms_begin_once() -> None:
    case, tick = np.repeat([0, 0, 0, 1], 2), np.repeat([5, 7, 9, 5], 2)
    normal = np.repeat([True, True, False, True], 2)
    labels = WindowLabels(
        np.zeros((8, 1), np.int8),
        case,
        tick,
        normal,
        np.full(8, 0.5, np.float32),
        np.ones(8, dtype=np.bool_),
        np.zeros(8, dtype=np.bool_),
    )
    period = NormalPeriod.of(labels, np.ones(8, dtype=np.bool_))
    assert period.moment.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert period.hours == 1.5
    assert period.follows.tolist() == [False, True, True, False]
    highest = period.highest(np.arange(8, dtype=np.float32)[:, None])
    assert highest[:, 0].tolist() == [1, 3, -np.inf, 7]
    assert period.alarms(np.array([True, True, False, True])) == 2
