from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.incidents.anomaly_mark import AnomalyMark
from distdiag_core.metrics.history import History
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.drawing.theme import NIGHT_INKS, SIXTEEN_INKS
from distdiag_tui.views.anomaly_marks import remember
from distdiag_tui.views.chart import ChartView, draw, legend, series
from distdiag_tui.views.fluctuation import Normals
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, CATALOGUE, calm, troubled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import GlyphSetName
    from distdiag_tui.drawing.lines import Line

CPU = CATALOGUE.get("host.cpu.usage")


def chart(node: str = "n1", *, span_s: int = 120, ansi: bool = False) -> ChartView:
    assert CPU is not None
    return ChartView(CPU, node, span_s, SIXTEEN_INKS if ansi else NIGHT_INKS)


def view(snapshot: Snapshot, glyphs: GlyphSetName = "braille") -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS[glyphs], snapshot.frame.time_s)


def text(lines: Sequence[Line]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


@pytest.mark.parametrize(("width", "height"), [(60, 6), (86, 12), (150, 30)])
def test_the_chart_fills_its_place_and_no_more(width: int, height: int) -> None:
    lines = draw(view(troubled()), chart(), width, height)
    assert len(lines) == height
    assert max(map(width_of, lines)) <= width


@pytest.mark.parametrize(("height", "labels"), [(3, ["100%"]), (4, ["100%", "0%"]), (6, ["100%", "50%", "0%"])])
def test_no_two_labels_share_a_row(height: int, labels: list[str]) -> None:
    lines = text(draw(view(troubled()), chart(), 60, height)).split("\n")
    assert [line[:6].strip() for line in lines if "%" in line[:6]] == labels


def test_the_selected_node_lies_on_top() -> None:
    assert [line.name for line in series(view(calm()), chart("n2"))][-1] == "n2"


def test_many_nodes_become_their_extremes_and_the_selected_one() -> None:
    lines = series(view(calm(40, hurt=3)), chart("n9"))
    assert [line.name for line in lines] == ["highest", "median", "lowest", "n9"]
    highest, median, lowest, _ = lines
    assert (highest.values >= median.values).all()
    assert (median.values >= lowest.values).all()


def test_an_injection_is_shaded_marked_on_the_axis_and_named() -> None:
    lines = draw(view(troubled()), chart(), 86, 14)
    assert "n2 CPU stress" in text(lines)
    assert lines[-2][-1][0].endswith("━━━") or "━━━" in text([lines[-2]])
    assert any(getattr(tone, "bgcolor", None) is not None for line in lines for _, tone in line)


def test_without_colours_the_axis_still_tells() -> None:
    lines = draw(view(troubled(), "ascii"), chart(ansi=True), 86, 14)
    assert text(lines).isascii()
    assert "=====" in text([lines[-2]])


def test_an_injection_that_has_ended_stays_while_it_is_in_sight() -> None:
    of = replace(view(calm(tick=811)), remembered=remember((), troubled()))
    assert "n2 CPU stress" in text(draw(of, chart(span_s=300), 120, 14))


def test_beyond_dotted_lines_the_selected_node_has_left_its_normal() -> None:
    snapshot = troubled()
    of = replace(view(snapshot), normals=Normals(snapshot))
    lines = text(draw(of, chart("n2"), 86, 14)).split("\n")
    assert sum("· · · ·" in line for line in lines) == 2
    assert not any("· ·" in line for line in text(draw(view(snapshot), chart("n2"), 86, 14)).split("\n"))


def test_events_stand_on_the_axis_at_their_time() -> None:
    snapshot = troubled()
    of = replace(view(snapshot), events=snapshot.events)
    axis = text(draw(of, chart(span_s=120), 127, 14)).split("\n")[-2]
    assert axis[127 - 1 - 31] == "▲"
    assert "▶" in text(draw(of, chart(span_s=600), 127, 14)).split("\n")[-2]


def test_an_injection_before_the_chart_begins_is_not_drawn() -> None:
    snapshot = troubled()
    ended = (AnomalyMark("injected", "n2", "cpu_stress", 0.0, 100.0),)
    of = replace(view(replace(snapshot, injections=())), remembered=ended)
    assert "CPU stress" not in text(draw(of, chart(), 86, 14))


def test_unknown_figures_leave_a_gap_and_not_a_bridge() -> None:
    snapshot = calm(1)
    values = snapshot.window.values.copy()
    values[:, :, -80:-40] = np.nan
    lines = draw(view(replace(snapshot, window=replace(snapshot.window, values=values))), chart(), 100, 12)
    drawing = [text([line])[7:] for line in lines[:-2]]
    columns = {at for line in drawing for at, sign in enumerate(line) if not sign.isspace()}
    middle = range(36, 60)
    assert not columns & set(middle)
    assert min(columns) < 5
    assert max(columns) > 85


def test_before_the_first_figures_it_says_so() -> None:
    snapshot = calm(1)
    history = History(snapshot.window.nodes, snapshot.window.metrics, 10)
    assert "no figures yet" in text(draw(view(replace(snapshot, window=history.window())), chart(), 86, 12))
    unknown = replace(snapshot.window, values=np.full_like(snapshot.window.values, np.nan))
    assert "no figures yet" in text(draw(view(replace(snapshot, window=unknown)), chart(), 86, 12))


def test_the_legend_names_colour_node_and_figure() -> None:
    said = text([legend(view(troubled()), chart("n2"))])
    assert "n2 100%" in said
    assert said.index("n1") < said.index("n2") < said.index("n3")
