"""Windows cut from cases: their ticks, their baselines and their feature rows."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.dataset.case import Case, Label
from distdiag_core.diagnosis.features.feature_spec import Column, FeatureSpec, Side
from distdiag_core.diagnosis.features.views import View
from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRowStore
from distdiag_core.diagnosis.training.dataset_windows import DatasetWindows, cut_windows
from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE, WindowLabels
from distdiag_core.metrics.frame import Array, Window

FEATURES = FeatureSpec(("m",), np.ones(1, np.float32), np.zeros(1, np.float32), peers=False)


def case_with(values: Array, *labels: Label, period_s: float = 1.0) -> Case:
    """A case of one metric, with values of shape (N, T)."""
    nodes = tuple(f"n{number + 1}" for number in range(len(values)))
    return Case(
        "c",
        Window(period_s * np.arange(values.shape[1], dtype=np.float64), nodes, ("m",), values[:, None]),
        period_s,
        labels,
    )


def cut(*cases: Case) -> DatasetWindows:
    """Windows for the anomaly `cpu_stress`."""
    return cut_windows(cases, FEATURES, ("cpu_stress",), MemoryRowStore)


def whole(windows: DatasetWindows) -> tuple[Array, WindowLabels]:
    """Rows with all views, and their labels."""
    chosen = ~windows.labels.hidden
    columns = {field.name: getattr(windows.labels, field.name)[chosen] for field in fields(WindowLabels)}
    return np.concatenate(list(windows.rows.parts()))[chosen], WindowLabels(**columns)


def place(view: str, statistic: str) -> int:
    """Index of a column of the one metric."""
    return FEATURES.columns().index(Column(Side.NODE, "m", View(view), statistic))


def test_windows_of_ten_seconds_overlap_by_four_fifths() -> None:
    _, labels = whole(cut(case_with(np.full((2, 16), 5, np.float32)), case_with(np.full((1, 12), 5, np.float32))))
    assert labels.tick.tolist() == [9, 9, 11, 11, 13, 13, 15, 15, 9, 11]
    assert labels.case.tolist() == [0] * 8 + [1] * 2
    assert labels.hours == pytest.approx(2 / 3600)


def test_a_window_has_a_past_after_ten_clean_ticks() -> None:
    _, labels = whole(cut(case_with(np.full((1, 24), 5, np.float32))))
    assert labels.tick[labels.has_past].tolist() == [19, 21, 23]
    assert labels.tick[~labels.has_past].tolist() == [9, 11, 13, 15, 17]


def test_rows_measure_from_the_past_and_from_the_profile() -> None:
    values = np.full((1, 40), 8, np.float32)
    values[:, 20:] = 80
    case = case_with(values, Label("cpu_stress", "n1", 20, 39))
    log_values = FEATURES.log_values(case.window)[0, 0]
    rows, labels = whole(cut(case))
    last = labels.tick.tolist().index(39)
    assert rows[last, place("own", "mean")] == pytest.approx(log_values[39] - log_values[0], rel=1e-5)
    assert rows[last, place("level", "mean")] == pytest.approx(log_values[39], rel=1e-5)
    assert np.isnan(rows[0, place("own", "mean")])
    assert rows[0, place("level", "mean")] == pytest.approx(log_values[0], rel=1e-5)


def test_each_window_comes_again_with_one_of_its_references_hidden() -> None:
    windows = cut(case_with(np.full((2, 40), 8, np.float32)))
    rows = np.concatenate(list(windows.rows.parts()))[windows.labels.hidden]
    without = [np.isnan(rows[:, place(view, "mean")]) for view in ("own", "level")]
    assert len(rows) == windows.labels.hidden.sum() == len(windows.labels.hidden) / 2
    has_past = windows.labels.has_past[~windows.labels.hidden]
    assert (without[0] != without[1])[has_past].all()
    assert (windows.labels.has_past[windows.labels.hidden] == ~without[0]).all()
    assert windows.labels.hours[windows.labels.hidden].sum() == 2 * windows.labels.hours[~windows.labels.hidden].sum()


def test_what_was_never_without_its_anomaly_is_compared_with_what_came_before() -> None:
    case = case_with(np.full((1, 40), 8, np.float32), Label("cpu_stress", "n1", 0, 39))
    rows, labels = whole(cut(case))
    last = labels.tick.tolist().index(39)
    assert labels.has_past[last]
    assert labels.truth[last].tolist() == [TRUE]
    assert rows[last, place("own", "mean")] == pytest.approx(0, abs=1e-5)


def test_an_anomaly_labels_the_windows_of_its_node_alone() -> None:
    _, labels = whole(cut(case_with(np.full((2, 40), 8, np.float32), Label("cpu_stress", "n2", 20, 39))))
    assert labels.truth[labels.tick == 39].tolist() == [[FALSE], [TRUE]]
    assert labels.normal[labels.tick == 39].tolist() == [False, False]
    assert labels.truth[labels.tick == 19].tolist() == [[FALSE], [FALSE]]
    assert labels.normal[labels.tick == 19].tolist() == [True, True]


@given(st.integers(1, 3), st.integers(1, 60), st.sampled_from([0.5, 1.0, 5.0]))
def test_rows_and_labels_have_one_entry_per_window_and_node(nodes: int, ticks: int, period_s: float) -> None:
    windows = cut(case_with(np.full((nodes, ticks), 8, np.float32), period_s=period_s))
    width = min(ticks, {0.5: 20, 1.0: 10, 5.0: 6}[period_s])
    expected = 2 * nodes * ((ticks - width) // max(1, width // 5) + 1)
    assert len(windows.rows) == expected
    assert {len(column) for column in (windows.labels.truth, windows.labels.tick, windows.labels.has_past)} == {
        expected
    }
