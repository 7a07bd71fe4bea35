"""Platt scaling of scores whose calibration is known."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.training.platt_scaling import fit_calibration


def test_overconfident_scores_are_lowered() -> None:
    rng = np.random.default_rng(1)
    likely = rng.uniform(0.05, 0.95, 4000)
    truth = rng.uniform(size=4000) < likely
    overconfident = Calibration(2.0, 0.0).probabilities(likely.astype(np.float32))
    found = fit_calibration(overconfident, truth, np.ones(4000), 4000)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.probabilities(overconfident) == pytest.approx(likely, abs=0.05)


def test_without_cases_or_with_one_class_scores_stay() -> None:
    scores = np.array([0.2, 0.9], dtype=np.float32)
    mixed = np.array([True, False])
    assert fit_calibration(scores, np.array([True, True]), np.ones(2), 2) == IDENTITY
    assert fit_calibration(scores, np.array([False, False]), np.ones(2), 2) == IDENTITY
    assert fit_calibration(scores, mixed, np.ones(2), 0) == IDENTITY
    assert fit_calibration(scores, mixed, np.zeros(2), 2) == IDENTITY


def test_few_cases_hardly_move_the_scores() -> None:
    scores = np.array([0.2, 0.9], dtype=np.float32)
    truth = np.array([True, False])
    few, many = (fit_calibration(scores, truth, np.ones(2), cases) for cases in (1, 1000))
    assert abs(few.slope - 1) < abs(many.slope - 1)
    assert few.slope == pytest.approx(1, abs=0.6)


def test_scores_that_are_inverted_are_not_turned_round() -> None:
    scores = np.array([0.1, 0.9], dtype=np.float32)
    assert fit_calibration(scores, np.array([True, False]), np.ones(2), 1000).slope == 0.5
