"""Scores, contributions and gain of classifiers, on boosters of single columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.model.calibration import Calibration
from distdiag_core.diagnosis.model.classifiers import Calibrations, Classifiers, Weights

ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 4, dtype=np.float32)
ALWAYS = np.ones(len(ROWS), dtype=np.bool_)


def booster_on(column: int, rounds: int = 2) -> xgboost.Booster:
    """A booster whose target is one of two binary columns."""
    matrix = xgboost.QuantileDMatrix(ROWS, ROWS[:, column], nthread=1)
    return xgboost.train({"objective": "binary:logistic", "base_score": 0.5, "nthread": 1}, matrix, rounds)


FIRST, SECOND = booster_on(0), booster_on(1, 3)
BOTH = Classifiers.merged({"a": (FIRST, SECOND), "b": (SECOND, SECOND)}, (0.75, 0.25))


def test_scores_are_the_weighted_mean_over_the_boosters_of_each_anomaly() -> None:
    votes = FIRST.inplace_predict(ROWS), SECOND.inplace_predict(ROWS)
    scores = BOTH.scores(ROWS, ALWAYS)
    assert scores.dtype == np.float32
    assert scores[:, 0] == pytest.approx(0.75 * votes[0] + 0.25 * votes[1])
    assert scores[:, 1] == pytest.approx(votes[1])


def test_nodes_with_and_without_a_past_may_have_boosters_of_their_own() -> None:
    apart = replace(BOTH, weights=Weights((1.0, 0.0), (0.0, 1.0)))
    has_past = np.arange(len(ROWS)) % 2 == 0
    votes = np.where(has_past, FIRST.inplace_predict(ROWS), SECOND.inplace_predict(ROWS))
    assert apart.scores(ROWS, has_past)[:, 0] == pytest.approx(votes)


def test_nodes_with_and_without_a_past_are_calibrated_by_themselves() -> None:
    calibrated = replace(BOTH, calibrations={"a": Calibrations(Calibration(2.0, 0.5))})
    has_past = np.arange(len(ROWS)) % 2 == 0
    plain, found = BOTH.scores(ROWS, has_past), calibrated.scores(ROWS, has_past)
    odds = (plain[:, 0] / (1 - plain[:, 0])) ** 2 * np.exp(0.5)
    assert found[has_past, 0] == pytest.approx((odds / (1 + odds))[has_past], rel=1e-4)
    assert found[~has_past, 0] == pytest.approx(plain[~has_past, 0])
    assert found[:, 1] == pytest.approx(plain[:, 1])


@given(st.floats(0.1, 4), st.floats(-3, 3))
def test_calibration_keeps_the_order_of_scores(slope: float, offset: float) -> None:
    plain = BOTH.scores(ROWS, ALWAYS)[:, 0]
    calibrated = replace(BOTH, calibrations={"a": Calibrations(Calibration(slope, offset))}).scores(ROWS, ALWAYS)[:, 0]
    assert ((calibrated >= 0) & (calibrated <= 1)).all()
    assert (np.diff(calibrated[np.argsort(plain, kind="stable")]) >= -1e-6).all()


def test_contributions_are_of_the_columns_that_the_trees_split_on() -> None:
    found = BOTH.contributions(ROWS, ALWAYS)
    assert found.shape == (len(ROWS), 2, 2)
    assert (np.sign(found[:, 0, 0]) == 2 * ROWS[:, 0] - 1).all()
    assert not found[:, 1, 0].any()
    assert np.abs(found[:, 0, 0]) == pytest.approx(np.abs(found[0, 0, 0]))


def test_gain_is_shared_among_the_columns_that_the_trees_split_on() -> None:
    found = BOTH.gain_by_column
    assert found[0, 0] > 0
    assert found[1].tolist() == [0, 1]
    assert found.sum(axis=1) == pytest.approx([1, 1])


def test_trees_without_splits_have_no_gain() -> None:
    matrix = xgboost.QuantileDMatrix(ROWS, np.ones(len(ROWS)), nthread=1)
    constant = xgboost.train({"objective": "binary:logistic", "base_score": 0.5, "nthread": 1}, matrix, 1)
    assert Classifiers.merged({"a": (constant,)}, (1.0,)).gain_by_column.tolist() == [[0, 0]]
