"""The compound anomaly graph as it is drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_tui.drawing.dot_canvas import DotCanvas
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views.anomaly_graph import Placement, draw
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, calm, troubled
from tests.tui.canned_graph import graph, with_graph
from tests.tui.walking import text

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import GlyphSetName


def view(snapshot: Snapshot, glyphs: GlyphSetName = "braille") -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS[glyphs], snapshot.frame.time_s)


def drawn(snapshot: Snapshot, size: tuple[int, int], glyphs: GlyphSetName = "braille") -> str:
    return text(tuple(draw(view(snapshot, glyphs), Placement(), {}, size)))


@pytest.mark.parametrize("glyphs", ["braille", "block", "ascii"])
@pytest.mark.parametrize("size", [(80, 22), (120, 34), (200, 58)])
def test_the_drawing_fills_its_place_and_no_more(glyphs: GlyphSetName, size: tuple[int, int]) -> None:
    lines = draw(view(with_graph(troubled()), glyphs), Placement(), {}, size)
    assert len(lines) == size[1]
    assert max(map(width_of, lines)) <= size[0]
    if glyphs == "ascii":
        assert text(tuple(lines)).isascii()


def test_each_node_has_its_influence_its_scores_and_what_is_suspected() -> None:
    said = drawn(with_graph(troubled()), (80, 22))
    assert "n1 1.24" in said
    assert "n2 1.21" in said
    assert "CPU stress 0.98" in said
    assert "I/O stress 0.44" not in said
    assert "3 nodes, 2 of 3 edges" in said


def test_of_a_hundred_nodes_the_most_involved_are_shown_and_it_says_so() -> None:
    said = drawn(with_graph(calm(100), suspected="n77"), (120, 34))
    assert "most involved of 100 nodes" in said
    assert "n77" in said


def test_nodes_keep_their_places_until_another_is_suspected() -> None:
    placement, names = Placement(), tuple(f"n{number}" for number in range(40))
    first = placement.of(graph(names, suspected="n3"), 10)
    assert placement.of(graph(names, suspected="n3", phase=2.0), 10).graph.nodes == first.graph.nodes
    assert placement.of(graph(names, suspected=None, phase=2.0), 10).graph.nodes == first.graph.nodes
    stranger = next(name for name in names if name not in first.graph.nodes)
    assert stranger in placement.of(graph(names, suspected=stranger), 10).graph.nodes


def test_the_course_of_the_influence_stands_beside_the_figure() -> None:
    lines = draw(view(with_graph(troubled())), Placement(), {"n2": [0.0, 1.0, 2.0]}, (120, 34))
    assert any("▁▅█" in line or "▁▄█" in line for line in text(tuple(lines)).splitlines())


def test_without_a_diagnosis_it_says_what_is_missing() -> None:
    assert "waiting for the first diagnosis" in drawn(replace(calm(), diagnosis=None), (80, 22))
    assert "no model, so that" in drawn(replace(calm(), diagnosis=None, model=None), (80, 22))


def test_a_heavier_stroke_has_more_dots() -> None:
    def dots(stroke: int) -> int:
        raster = DotCanvas(30, 10, "braille")
        raster.line((1, 1), (28, 8), stroke, "spark")  # type: ignore[arg-type]
        return sum((ord(sign) - 0x2800).bit_count() for sign in text(tuple(raster.lines())) if ord(sign) >= 0x2800)

    assert dots(1) < dots(2) < dots(3)


def test_what_lies_outside_is_not_drawn() -> None:
    raster = DotCanvas(10, 3, "block")
    raster.line((-5, -5), (20, 10), 3, "spark")
    raster.disc((30, 30), 4, "warn")
    raster.text(8, 1, "cut\x1b off", "plain")
    raster.text(0, 9, "nowhere", "plain")
    lines = raster.lines()
    assert [width_of(line) for line in lines] == [10, 10, 10]
    assert text((lines[1],)).endswith("cu")


def test_the_table_names_anomalies_whole() -> None:
    named = with_graph(troubled())
    assert named.diagnosis is not None
    assert named.diagnosis.graph is not None
    longest = max((ANOMALIES.label(each) for each in named.diagnosis.graph.anomalies), key=len)
    for at in range(len(named.diagnosis.graph.anomalies)):
        scores = np.zeros_like(named.diagnosis.graph.confidence)
        scores[:, at] = 0.3
        changed = replace(named.diagnosis, graph=replace(named.diagnosis.graph, confidence=scores))
        said = drawn(replace(named, diagnosis=changed), (120, 34))
        assert f"0.30 {ANOMALIES.label(named.diagnosis.graph.anomalies[at])}" in said
    assert len(longest) > 10


@pytest.mark.parametrize("size", [(80, 22), (120, 34), (200, 58)])
def test_of_many_nodes_the_suspected_one_is_named_whole(size: tuple[int, int]) -> None:
    said = drawn(with_graph(calm(100), suspected="n77"), size)
    left = "\n".join(line[: size[0] - 53] if size[0] >= 110 else line for line in said.splitlines())
    assert re.search(r"n77 \d\.\d\d", left)
    assert "CPU stress 0." in left
