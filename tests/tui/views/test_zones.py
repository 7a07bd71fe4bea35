"""Zones folded into one row each."""

from __future__ import annotations

from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views.node_wall import Wall, columns
from distdiag_tui.views.zones import FoldedZone, entries, name_of, worst_figure, worst_mark, worst_node
from tests.tui.canned import CATALOGUE, broken, calm, cluster, troubled
from tests.tui.views.test_node_wall import text, view


def test_a_folded_zone_stands_where_its_first_node_was() -> None:
    nodes = calm(7).nodes
    assert [name_of(entry) for entry in entries(nodes, ())] == ["n1", "n2", "n3", "n4", "n5", "n6", "n7"]
    assert [name_of(entry) for entry in entries(nodes, {"zone2"})] == ["n1", "zone2/", "n3", "n4", "n6", "n7"]
    folded = entries(nodes, {"zone1", "zone2", "zone3", "zone9"})
    assert [name_of(entry) for entry in folded] == ["zone1/", "zone2/", "zone3/"]
    (first, *_) = folded
    assert isinstance(first, FoldedZone)
    assert [status.node for status in first.nodes] == ["n1", "n4", "n7"]


def test_a_zone_has_the_worst_condition_and_the_worst_figures_of_its_nodes() -> None:
    of = view(calm(6, hurt=4))
    (_, zone, _) = entries(of.snapshot.nodes, {"zone1", "zone2", "zone3"})
    assert isinstance(zone, FoldedZone)
    cpu, tps = CATALOGUE.get("host.cpu.usage"), CATALOGUE.get("workload.tps")
    assert cpu is not None
    assert tps is not None
    assert worst_figure(of, zone, cpu).node == "n5"
    assert worst_figure(of, zone, tps).node == "n5"
    down = view(broken())
    all_down = FoldedZone("z", down.snapshot.nodes)
    assert (worst_node(down, all_down).node, worst_mark(down, all_down).word) == ("n3", "down")
    assert worst_figure(down, all_down, cpu).node != "n3"


def test_the_row_of_a_zone_is_as_wide_as_that_of_a_node() -> None:
    of = view(troubled(settings=cluster(3)))
    for width in (80, 120, 200):
        wall = Wall(of, columns(CATALOGUE), width, folded={"zone2"})
        ((_, node),) = wall.rows([1])
        zone = wall.zone_row(FoldedZone("zone2", of.snapshot.nodes[1:2]))
        assert width_of(zone) == width_of(node)
        assert text(zone).startswith("▲+zone2 ")
        assert "100%" in text(zone)
        assert "suspect" in text(zone)
