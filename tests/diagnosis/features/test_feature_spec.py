"""Feature rows of windows, by a specification."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec, select_metrics
from distdiag_core.metrics.frame import Window

_ONES = np.ones(2, dtype=np.float32)
_SPEC = FeatureSpec(("a", "b"), _ONES, np.zeros(2, dtype=np.float32))


def test_metrics_are_brought_into_order_and_missing_ones_are_unknown() -> None:
    window = Window(np.arange(2.0), ("n1",), ("b", "a"), np.array([[[1, 1], [2, 2]]], dtype=np.float32))
    found = select_metrics(window, ("a", "b", "c"))
    assert found[0, :2, 0].tolist() == [2, 1]
    assert np.isnan(found[0, 2]).all()
    assert select_metrics(window, ("b", "a")) is window.values


def test_a_row_has_a_value_for_each_column() -> None:
    log_values = np.zeros((3, 2, 6), dtype=np.float32)
    log_values[1, 0] = 1
    rows = _SPEC.rows(log_values, np.zeros((3, 2), dtype=np.float32))
    assert rows.shape == (3, len(_SPEC.columns()))
    values = dict(zip(_SPEC.columns(), rows[1].tolist(), strict=True))
    moved = {column for column, value in values.items() if value}
    assert moved == {
        (side, "a", view, statistic)
        for side in ("node", "peers")
        for view in ("own", "level")
        for statistic in ("mean", "low", "high")
    }


def test_without_peers_there_are_half_the_columns() -> None:
    alone = FeatureSpec(("a", "b"), _ONES, _ONES, peers=False)
    assert alone.columns() == _SPEC.columns()[: len(_SPEC.columns()) // 2]
    assert alone.rows(np.zeros((4, 1, 2, 6), np.float32), np.zeros((4, 1, 2), np.float32)).shape == (4, 1, 16)


def test_values_are_log_scaled_by_the_floor_of_their_metric() -> None:
    window = Window(np.arange(1.0), ("n1",), ("b", "a"), np.array([[[4], [1]]], dtype=np.float32))
    assert _SPEC.log_values(window)[0, :, 0] == pytest.approx(np.log([2, 5]))
