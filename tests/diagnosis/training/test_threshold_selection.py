"""Thresholds within a budget of false alarms."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.training.normal_period import NormalPeriod
from distdiag_core.diagnosis.training.threshold_selection import select_thresholds
from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE, UNKNOWN


def _period(moments: int) -> NormalPeriod:
    """One case of one node whose last ten moments are anomalous."""
    follows, normal = np.ones(moments, dtype=np.bool_), np.ones(moments, dtype=np.bool_)
    follows[0], normal[-10:] = False, False
    return NormalPeriod(np.arange(moments), follows, normal, 1.0)


@pytest.mark.parametrize(("alarms", "expected"), [(0, 0.71), (1, 0.61), (2, 0.51), (9, 0.4)])
def test_thresholds_are_as_low_as_the_budget_allows(alarms: int, expected: float) -> None:
    scores = np.full((4000, 1), 0.05, dtype=np.float32)
    scores[[100, 101, 300, 500], 0] = 0.7, 0.69, 0.6, 0.5
    scores[-10:] = 0.95
    truth = np.full((4000, 1), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    (found,) = select_thresholds(scores, truth, _period(4000), alarms)
    assert expected - 0.01 - 1e-3 <= found <= expected


def test_a_threshold_does_not_miss_most_of_what_is_true() -> None:
    scores = np.full((4000, 1), 0.05, dtype=np.float32)
    scores[100], scores[-10:] = 0.85, 0.6
    truth = np.full((4000, 1), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    (found,) = select_thresholds(scores, truth, _period(4000), 0)
    assert found == pytest.approx(0.6)


def test_the_budget_is_for_all_anomalies_together() -> None:
    scores = np.full((4000, 2), 0.05, dtype=np.float32)
    scores[100, 0], scores[300, 1], scores[-10:] = 0.7, 0.6, 0.95
    truth = np.full((4000, 2), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    period = _period(4000)
    found = select_thresholds(scores, truth, period, 1)
    over = np.asarray((period.highest(scores) >= found).any(axis=1))
    assert period.alarms(over) == 1


def test_without_held_out_scores_a_threshold_is_one_half() -> None:
    scores = np.full((20, 1), np.nan, dtype=np.float32)
    assert select_thresholds(scores, np.full((20, 1), UNKNOWN, dtype=np.int8), _period(20), 0).tolist() == [0.5]
