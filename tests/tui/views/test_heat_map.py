"""The heat map of nodes and anomalies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import heat_map
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, calm, troubled
from tests.tui.canned_graph import with_graph
from tests.tui.walking import text

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import GlyphSetName


def view(snapshot: Snapshot, glyphs: GlyphSetName = "braille") -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS[glyphs], snapshot.frame.time_s)


def test_a_score_stands_out_by_shade_figure_and_colour() -> None:
    for glyphs, full in (("braille", "█"), ("ascii", "#")):
        spans = heat_map.row(view(with_graph(troubled()), glyphs), "n2", 0.5, 80)  # type: ignore[arg-type]
        cells = {piece.strip(): tone for piece, tone in spans}
        assert cells[f"{full * 2}98"] == "bad"
        assert "warn" not in [tone for _, tone in spans[2:]]


def test_a_lower_threshold_lets_more_stand_out() -> None:
    scene = view(with_graph(troubled()))
    assert "1 of 39 scores are over it, on 1 of 3 nodes" in text((heat_map.summary(scene, 0.5, 80),))
    assert "2 of 39 scores are over it, on 1 of 3 nodes" in text((heat_map.summary(scene, 0.4, 80),))
    assert [tone for _, tone in heat_map.row(scene, "n2", 0.4, 80)].count("warn") == 2


@pytest.mark.parametrize("width", [80, 120, 200])
def test_headings_and_cells_are_as_wide_as_each_other(width: int) -> None:
    scene = view(with_graph(troubled()))
    first, second = heat_map.headings(scene, width)
    row = heat_map.row(scene, "n1", 0.5, width)
    assert width_of(first) == width_of(second) == width_of(row) <= width
    assert "stre" in text((second,))


def test_headings_are_whole_from_120_columns_on() -> None:
    scene = view(with_graph(troubled()))
    words = {word for name in scene.snapshot.diagnosis.graph.anomalies for word in scene.anomaly_label(name).split()}  # type: ignore[union-attr]
    for width in (120, 200):
        assert words <= set(text(tuple(heat_map.headings(scene, width))).split())


def test_a_few_nodes_stay_in_order_and_of_many_the_hot_ones_come_first() -> None:
    assert heat_map.nodes(view(with_graph(calm(3), suspected="n3")), 0.5) == ("n1", "n2", "n3")
    many = heat_map.nodes(view(with_graph(calm(100), suspected="n77")), 0.5)
    assert many[:3] == ("n77", "n1", "n2")
    assert len(many) == 100


def test_the_node_under_the_cursor_is_told_in_words() -> None:
    said = text(tuple(heat_map.detail(view(with_graph(troubled())), "n2", 100))).splitlines()
    assert "CPU stress" in said[1]
    assert "0.98" in said[1]
    assert "I/O stress" in said[2]


def test_without_a_diagnosis_there_is_nothing_to_show() -> None:
    scene = view(replace(calm(), diagnosis=None))
    assert heat_map.nodes(scene, 0.5) == ()
    assert heat_map.headings(scene, 80) == []
    assert "no diagnosis yet" in text((heat_map.summary(scene, 0.5, 80),))
