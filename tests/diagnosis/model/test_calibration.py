"""Calibration of scores to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration, logit


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=30), st.floats(0.5, 4), st.floats(-3, 3))
def test_the_order_of_scores_stays(scores: list[float], slope: float, offset: float) -> None:
    ordered = np.sort(np.array(scores, dtype=np.float32))
    found = Calibration(slope, offset).probabilities(ordered)
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_probabilities_are_the_logistic_function_of_the_scaled_log_odds() -> None:
    scores = np.array([[0.5, 0.8]], dtype=np.float32)
    assert Calibration(1.0, 0.0).probabilities(scores) is scores
    assert Calibration(2.0, 0.0).probabilities(scores) == pytest.approx(np.array([[0.5, 16 / 17]]), rel=1e-5)
    assert Calibration(1.0, float(np.log(3))).probabilities(scores)[0, 0] == pytest.approx(0.75)
    assert Calibration() == IDENTITY


def test_log_odds_are_finite_at_the_ends() -> None:
    assert np.isfinite(logit(np.array([0.0, 1.0], dtype=np.float32))).all()
