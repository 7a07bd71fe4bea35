"""Gain shares of a trained model, and what it costs that a cluster lacks metrics."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.diagnosis.model.classifiers import Classifiers
from distdiag_core.diagnosis.model.model import MissingMetrics, Model, Thresholds, Training

FEATURES = FeatureSpec(("cpu", "io", "memory"), np.ones(3, np.float32), np.zeros(3, np.float32))


def booster_on(metric: str) -> xgboost.Booster:
    """A booster that reads one column of a metric."""
    rows = np.zeros((16, len(FEATURES.columns())), dtype=np.float32)
    rows[8:, [column.metric for column in FEATURES.columns()].index(metric) + 1] = 1
    matrix = xgboost.QuantileDMatrix(rows, np.arange(16) >= 8, nthread=1)
    return xgboost.train({"objective": "binary:logistic", "base_score": 0.5, "nthread": 1}, matrix, 1)


CLASSIFIERS = Classifiers.merged({"a": (booster_on("cpu"),), "b": (booster_on("io"),)}, (1.0,))
MODEL = Model("m", FEATURES, CLASSIFIERS, dict.fromkeys(("a", "b"), Thresholds()), Training((), (), (), (), 0))


def test_gain_is_summed_over_the_columns_of_each_metric() -> None:
    assert MODEL.gain_shares("a").tolist() == [1, 0, 0]
    assert MODEL.gain_shares("b").tolist() == [0, 1, 0]
    assert MODEL.gain_by_metric == {"cpu": 0.5, "io": 0.5, "memory": 0}


def test_a_missing_metric_costs_its_share_of_the_gain() -> None:
    assert MODEL.missing_metrics(("io", "memory", "other")) == MissingMetrics(("cpu",), 0.5)
    assert MODEL.missing_metrics(FEATURES.metrics).warning() == ""
    assert MissingMetrics(("cpu",), 0.5).warning() == "a metric missing, 50% of what it decides by: cpu"
    assert MissingMetrics(("cpu", "io"), 0.004).warning() == ""


@given(st.lists(st.sampled_from(("cpu", "io", "memory", "other")), unique=True))
def test_the_cost_of_missing_metrics_is_that_of_each_of_them(present: list[str]) -> None:
    found = MODEL.missing_metrics(tuple(present))
    assert set(found.metrics) == set(FEATURES.metrics) - set(present)
    assert found.cost == pytest.approx(sum(MODEL.gain_by_metric[metric] for metric in found.metrics))
    assert 0 <= found.cost <= 1


def test_a_warning_names_five_metrics_at_most() -> None:
    assert MissingMetrics(tuple("abcdefg"), 1.0).warning().endswith(": a, b, c, d, e, …")
