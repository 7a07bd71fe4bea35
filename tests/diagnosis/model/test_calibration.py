"""Scores become probabilities, and thresholds keep to a budget of false alarms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.model import calibration, thresholds
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.model.thresholds import NormalLife
from distdiag_core.diagnosis.training.dataset_windows import FALSE, TRUE


def test_scores_that_boast_are_taken_down() -> None:
    rng = np.random.default_rng(1)
    likely = rng.uniform(0.05, 0.95, 4000)
    truth = rng.uniform(size=4000) < likely
    boast = Calibration(2.0, 0.0).probabilities(likely.astype(np.float32))
    found = calibration.fit(boast, truth, np.ones(4000), 4000)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.probabilities(boast) == pytest.approx(likely, abs=0.05)


def test_with_nothing_to_go_by_scores_stay() -> None:
    scores = np.array([0.2, 0.9], dtype=np.float32)
    assert calibration.fit(scores, np.array([True, True]), np.ones(2), 2) == IDENTITY
    few = calibration.fit(scores, np.array([True, False]), np.ones(2), 1)
    assert abs(few.slope - 1) < 0.6


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=30), st.floats(0.5, 4), st.floats(-3, 3))
def test_the_order_of_scores_stays(scores: list[float], slope: float, offset: float) -> None:
    ordered = np.sort(np.array(scores, dtype=np.float32))
    found = Calibration(slope, offset).probabilities(ordered)
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def _life(moments: int) -> NormalLife:
    """One case of one node whose last ten moments are trouble."""
    follows, normal = np.ones(moments, dtype=np.bool_), np.ones(moments, dtype=np.bool_)
    follows[0], normal[-10:] = False, False
    return NormalLife(np.arange(moments), follows, normal, 1.0)


@pytest.mark.parametrize(("alarms", "expected"), [(0, 0.71), (1, 0.61), (2, 0.51), (9, 0.4)])
def test_thresholds_are_as_low_as_the_budget_allows(alarms: int, expected: float) -> None:
    scores = np.full((4000, 1), 0.05, dtype=np.float32)
    scores[[100, 101, 300, 500], 0] = 0.7, 0.69, 0.6, 0.5
    scores[-10:] = 0.95
    truth = np.full((4000, 1), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    (found,) = thresholds.choose(scores, truth, _life(4000), alarms)
    assert expected - 0.01 - 1e-3 <= found <= expected


def test_a_threshold_does_not_miss_most_of_what_is_true() -> None:
    scores = np.full((4000, 1), 0.05, dtype=np.float32)
    scores[100], scores[-10:] = 0.85, 0.6
    truth = np.full((4000, 1), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    (found,) = thresholds.choose(scores, truth, _life(4000), 0)
    assert found == pytest.approx(0.6)


def test_the_budget_is_for_all_anomalies_together() -> None:
    scores = np.full((4000, 2), 0.05, dtype=np.float32)
    scores[100, 0], scores[300, 1], scores[-10:] = 0.7, 0.6, 0.95
    truth = np.full((4000, 2), FALSE, dtype=np.int8)
    truth[-10:] = TRUE
    life = _life(4000)
    found = thresholds.choose(scores, truth, life, 1)
    over = np.asarray((life.loudest(scores) >= found).any(axis=1))
    assert life.alarms(over) == 1
