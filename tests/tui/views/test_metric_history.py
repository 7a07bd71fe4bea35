"""The chart over hours: joined columns, gaps, labels, and many nodes."""

from __future__ import annotations

import numpy as np

from distdiag_core.incidents.anomaly_mark import AnomalyMark
from distdiag_core.recording.metric_history import MetricHistory
from distdiag_core.recording.time_series_extremes import Extremes
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.drawing.theme import NIGHT_INKS
from distdiag_tui.views import metric_history
from tests.tui.canned import CATALOGUE

DAY_S = 86_400.0
_METRIC = CATALOGUE.metrics[0]


def _day(nodes: tuple[str, ...], columns: int, *, gap: slice | None = None) -> Extremes:
    """A day of values between 10 and 20, one spike to 90 on the first node."""
    extremes = Extremes.empty(nodes, 0.0, DAY_S, columns)
    times_s = np.arange(0.0, DAY_S, 30.0)
    values = np.tile(15 + 5 * np.sin(times_s / 7000), (len(nodes), 1)).astype(np.float32)
    values[0, 1000] = 90.0
    if gap is not None:
        values[:, gap] = np.nan
    extremes.add(nodes, times_s, values)
    return extremes


def test_a_column_reaches_from_lowest_to_highest_and_to_the_one_before() -> None:
    extremes = Extremes.empty(("n1",), 0.0, 4.0, 4)
    times_s = np.array([0.1, 0.5, 1.5, 3.5])
    extremes.add(("n1",), times_s, np.array([[0, 4, 9, 2]], dtype=np.float32))
    assert metric_history.reaches(extremes, 0, (0.0, 9.0), 10, 0) == [(0, 4), (5, 9), (1, 0), (2, 2)]
    # Of ticks that are farther apart than columns, a column between is no gap.
    assert metric_history.reaches(extremes, 0, (0.0, 9.0), 10, 2) == [(0, 4), (5, 9), (6, 8), (2, 5)]


def test_a_spike_of_one_tick_is_seen_over_a_day_and_a_gap_is_blank() -> None:
    width, glyphs = 60, SETS["braille"]
    day = _day(("n1", "n2"), metric_history.columns(glyphs, width), gap=slice(1440, 2160))
    lines = metric_history.lines(MetricHistory(day, 1.0, 30.0), _METRIC, "n2", NIGHT_INKS, glyphs, (width, 20))
    assert len(lines) == 20
    text = ["".join(part for part, _ in line) for line in lines]
    assert text[0].startswith(f" {_METRIC.label}")
    assert any(sign > "\u2800" for sign in text[2][7:])
    # From noon to six.
    assert all(row[7 + 28 : 7 + 38].strip() == "" for row in text[1:-2])
    assert text[-2].count(":") == 5
    assert "75%" in text[-1]
    assert all(width_of(line) <= width for line in lines[1:-1])


def test_a_row_under_the_chart_marks_what_was_injected_and_diagnosed() -> None:
    width, glyphs = 7 + 48, SETS["braille"]
    day = _day(("n1",), metric_history.columns(glyphs, width))
    marks = (
        AnomalyMark("injected", "n1", "cpu_stress", 3600.0, 7199.0),
        AnomalyMark("diagnosed", "n1", "cpu_stress", 5400.0, 9000.0),
        # One from the day before, and one that is shorter than a cell.
        AnomalyMark("injected", "n1", "cpu_stress", -600.0, 60.0),
        AnomalyMark("diagnosed", "n1", "cpu_stress", 43_200.0, 43_201.0),
    )
    history = MetricHistory(day, 1.0, 30.0)
    lines = metric_history.lines(history, _METRIC, "n1", NIGHT_INKS, glyphs, (width, 20), marks)
    row = "".join(part for part, _ in lines[-3])
    assert row.rstrip() == " " * 7 + "▄ ▄█▀▀" + " " * 18 + "▀"
    assert "2 injected" in "".join(part for part, _ in lines[-1])


def test_of_many_nodes_the_chosen_one_stands_in_the_range_of_all() -> None:
    nodes = tuple(f"n{number}" for number in range(20))
    drawn = metric_history.series(_day(nodes, 50), "n7")
    assert [name for name, _, _ in drawn] == ["highest", "lowest", "n7"]
    assert np.nanmax(drawn[0][1].highest) == 90.0


def test_progress_and_what_is_missing_are_said() -> None:
    nothing = Extremes.empty(("n1",), 0.0, 3600.0, 10)

    def said(history: MetricHistory) -> str:
        lines = metric_history.lines(history, _METRIC, "n1", NIGHT_INKS, SETS["ascii"], (40, 10))
        return "\n".join("".join(part for part, _ in line) for line in lines)

    assert "reading the recordings: 40%" in said(MetricHistory(nothing, 0.4, 1.0))
    assert "no figures in the recordings of this time" in said(MetricHistory(nothing, 1.0, 0.0))
    assert "not read: a: it is damaged" in said(MetricHistory(nothing, 1.0, 0.0, ("a: it is damaged",)))
