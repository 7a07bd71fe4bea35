"""Lists in an order, and what they say about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.views.arrangement import Order, arrange, marked
from distdiag_tui.views.filtering import Field
from distdiag_tui.views.node_fields import node_fields
from tests.tui.canned import broken, calm, troubled
from tests.tui.views.test_node_wall import view as scene
from tests.tui.walking import text

if TYPE_CHECKING:
    from distdiag_tui.drawing.lines import Line

_FIELDS = (
    Field[tuple[str, float | None]]("node", lambda each: each[0]),
    Field[tuple[str, float | None]]("p95", lambda each: each[1], "ms", heading="95 %"),
)
_ITEMS = (("n10", 3.0), ("N2", math.nan), ("n1", 7.0), ("m", None))
_GLYPHS = SETS["block"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order(), ["n10", "N2", "n1", "m"]),
        (Order("node"), ["m", "n1", "N2", "n10"]),
        (Order("node", descending=True), ["n10", "N2", "n1", "m"]),
        (Order("p95"), ["n10", "n1", "N2", "m"]),
        (Order("p95", descending=True), ["n1", "n10", "N2", "m"]),
        (Order("of an earlier release"), ["n10", "N2", "n1", "m"]),
    ],
)
def test_an_order_has_what_is_not_known_last(order: Order, names: list[str]) -> None:
    assert [each[0] for each in arrange(_ITEMS, _FIELDS, "", order).items] == names


def test_what_is_filtered_and_how_it_is_sorted_is_said() -> None:
    found = arrange(_ITEMS, _FIELDS, " n1 ", Order("p95", descending=True))
    assert found.words(_GLYPHS) == "2 of 4 with n1 · by p95 ↓"
    assert arrange(_ITEMS, _FIELDS, "", Order()).words(_GLYPHS) == ""


def test_the_heading_of_the_order_has_an_arrow_and_no_column_moves() -> None:
    header: Line = ((" node   95 %  injected", "muted"),)
    assert text((marked(header, _FIELDS, Order("p95"), _GLYPHS),)) == " node   95 %↑ injected"
    assert text((marked(header, _FIELDS, Order("node", descending=True), _GLYPHS),)) == " node↓  95 %  injected"
    assert marked(header, _FIELDS, Order(), _GLYPHS) == header
    last: Line = ((" node   95 %", "muted"),)
    assert text((marked(last, _FIELDS, Order("p95"), _GLYPHS),)) == " node  ↑95 %"


@pytest.mark.parametrize(
    ("wanted", "nodes"),
    [
        ("zone:zone1 cpu>10", "n1"),
        ("suspect", "n2"),
        ("injected", "n2"),
        ("!injected !idle", "n1 n3"),
        ("cpu>90", "n2"),
        ("p95>30", "n2"),
        ("host.cpu.usage>90", "n2"),
        ("tps<100", "n2"),
    ],
)
def test_nodes_are_filtered_by_what_the_wall_shows_and_by_any_metric(wanted: str, nodes: str) -> None:
    view = scene(troubled())
    found = arrange(view.snapshot.nodes, node_fields(view), wanted, Order())
    assert " ".join(status.node for status in found.items) == nodes


def test_nodes_that_are_not_up_are_found_by_their_state() -> None:
    view = scene(broken())
    fields = node_fields(view)
    for wanted, nodes in (("down", "n3"), ("degraded", "n2"), ("!late", "n2 n3"), ("cpu>0", "n1 n2")):
        found = arrange(view.snapshot.nodes, fields, wanted, Order())
        assert " ".join(status.node for status in found.items) == nodes


def test_a_hundred_nodes_are_sorted_by_a_figure() -> None:
    view = scene(calm(100, hurt=41))
    found = arrange(view.snapshot.nodes, node_fields(view), "", Order("cpu", descending=True))
    assert found.items[0].node == "n42"
