"""The page of one node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views.node_page import page, position
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, CATALOGUE, broken, calm, troubled
from tests.tui.walking import text

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot


def view(snapshot: Snapshot) -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS["braille"], snapshot.frame.time_s)


@pytest.mark.parametrize("width", [60, 79, 119, 199])
def test_every_metric_has_a_place_within_the_width(width: int) -> None:
    lines = page(view(troubled()), "n2", width)
    assert max(map(width_of, lines)) <= width
    said = text(tuple(lines))
    for category in ("CPU", "MEMORY", "IO", "NETWORK", "TRANSACTIONS"):
        assert f"\n {category}" in said
    entries = sum(len([piece for piece, tone in line if tone == "spark"]) for line in lines)
    charts = sum(
        len([piece for piece, tone in line if tone == "warn" and set(piece) <= set(" ▁▂▃▄▅▆▇█")]) for line in lines
    )
    assert entries + charts >= len(CATALOGUE.metrics)


@pytest.mark.parametrize("width", [79, 119, 199])
def test_the_widest_figures_keep_the_columns(width: int) -> None:
    snapshot = troubled()
    metrics = tuple(replace(each, unit="ms/s") for each in snapshot.catalogue.metrics)
    catalogue = replace(snapshot.catalogue, metrics=metrics)
    frame = replace(snapshot.frame, values=np.full_like(snapshot.frame.values, 254.0))
    lines = page(view(replace(snapshot, catalogue=catalogue, frame=frame)), "n1", width)
    assert max(map(width_of, lines)) <= width
    assert "254ms/s" in text(tuple(lines))


def test_what_has_moved_stands_out_and_what_is_done_to_the_node_is_said() -> None:
    lines = page(view(troubled()), "n2", 119)
    said = text(tuple(lines))
    assert "suspected CPU stress, confidence 0.98 since 09:29:22" in said
    assert "injected  CPU stress high, 00:42 left, by op@jump" in said
    moved = [piece.strip() for line in lines for piece, tone in line if tone == "warn"]
    assert any(piece.startswith("↑ cpu") for piece in moved)
    assert any(piece.startswith("↓ tps") for piece in moved)
    assert "suspected" not in text(tuple(page(view(troubled()), "n1", 119)))


def test_a_node_that_is_down_says_why_and_has_no_figures() -> None:
    said = text(tuple(page(view(broken()), "n3", 119)))
    assert "✖ n3 down" in said
    assert "no answer for 12 s on 10.77.0.13" in said


def test_a_node_that_has_gone_and_one_without_figures() -> None:
    assert "there is no node n9" in text(tuple(page(view(calm()), "n9", 80)))
    snapshot = calm()
    empty = replace(snapshot.window, times_s=snapshot.window.times_s[:0], values=snapshot.window.values[..., :0])
    assert "no figures yet" in text(tuple(page(view(replace(snapshot, window=empty)), "n1", 80)))


def test_the_title_says_which_of_how_many() -> None:
    assert position(view(calm()), "n2") == "node n2 · 2 of 3"
