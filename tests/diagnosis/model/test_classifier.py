"""Scores and gain of a classifier, on boosters of single columns."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.model.calibration import Calibration
from distdiag_core.diagnosis.model.classifier import Classifier

ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 4, dtype=np.float32)


def booster_on(column: int, rounds: int = 2) -> xgboost.Booster:
    """A booster whose target is one of two binary columns."""
    matrix = xgboost.QuantileDMatrix(ROWS, ROWS[:, column], nthread=1)
    return xgboost.train({"objective": "binary:logistic", "nthread": 1}, matrix, rounds)


FIRST, SECOND = booster_on(0), booster_on(1)


def test_scores_are_the_mean_over_the_boosters() -> None:
    votes = FIRST.inplace_predict(ROWS), SECOND.inplace_predict(ROWS)
    scores = Classifier((FIRST, SECOND)).scores(ROWS)
    assert scores.dtype == np.float32
    assert scores == pytest.approx((votes[0] + votes[1]) / 2)


def test_the_mean_score_is_calibrated() -> None:
    plain = Classifier((FIRST,)).scores(ROWS)
    calibrated = Classifier((FIRST,), Calibration(2.0, 0.5)).scores(ROWS)
    odds = (plain / (1 - plain)) ** 2 * np.exp(0.5)
    assert calibrated == pytest.approx(odds / (1 + odds), rel=1e-4)


@given(st.floats(0.1, 4), st.floats(-3, 3))
def test_calibration_keeps_the_order_of_scores(slope: float, offset: float) -> None:
    plain = Classifier((FIRST, SECOND)).scores(ROWS)
    calibrated = Classifier((FIRST, SECOND), Calibration(slope, offset)).scores(ROWS)
    assert ((calibrated >= 0) & (calibrated <= 1)).all()
    assert (np.diff(calibrated[np.argsort(plain, kind="stable")]) >= -1e-6).all()


def test_gain_is_shared_among_the_columns_that_the_trees_split_on() -> None:
    assert Classifier((FIRST,)).gain_by_column(3).tolist() == [1, 0, 0]
    assert Classifier((FIRST, SECOND)).gain_by_column(3) == pytest.approx([0.5, 0.5, 0])


def test_trees_without_splits_have_no_gain() -> None:
    matrix = xgboost.QuantileDMatrix(ROWS, np.ones(len(ROWS)), nthread=1)
    constant = xgboost.train({"objective": "binary:logistic", "nthread": 1}, matrix, 1)
    assert Classifier((constant,)).gain_by_column(2).tolist() == [0, 0]
