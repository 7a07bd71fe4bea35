"""The compound anomaly graph as GraphML and SVG, and the places of its nodes."""

from __future__ import annotations

from io import StringIO
from xml.etree import ElementTree as ET

import networkx as nx
import numpy as np
import pytest

from distdiag_core.diagnosis.detection.graph_files import graphml, svg
from distdiag_core.diagnosis.detection.graph_layout import most_involved, positions
from tests.tui.canned_graph import graph

NAMES = tuple(f"n{number}" for number in range(1, 41))


def test_graphml_is_read_back_with_the_scores_the_influence_and_the_weights() -> None:
    whole = graph(("n1", "n2", "n3"))
    found = nx.parse_graphml(graphml(whole))
    assert set(found.nodes) == {"n1", "n2", "n3"}
    assert found.nodes["n2"]["score.cpu_stress"] == pytest.approx(0.98)
    assert found.nodes["n2"]["influence"] == pytest.approx(float(whole.influence[1]))
    assert found.edges["n1", "n2"]["weight"] == pytest.approx(float(whole.weights[0, 1]))


def test_svg_is_well_formed_and_names_what_is_suspected() -> None:
    text = svg(graph(("n1", "<n2> & \x1b", "n3"), suspected="<n2> & \x1b"), "a <cluster>", str.upper)
    tree = ET.parse(StringIO(text))  # noqa: S314 - written by ourselves
    said = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "a <cluster>" in said
    assert "CPU_STRESS 0.98" in said
    assert any(each and each.startswith("<n2> & ?") for each in said)


def test_a_wider_line_is_a_stronger_correlation_and_a_larger_disc_more_influence() -> None:
    whole = graph(("n1", "n2", "n3"))
    tree = ET.parse(StringIO(svg(whole, "")))  # noqa: S314 - written by ourselves
    widths = [float(each.get("stroke-width", "0")) for each in tree.iter("{http://www.w3.org/2000/svg}line")]
    weights = [float(whole.weights[one, other]) for one, other in ((0, 1), (0, 2), (1, 2))]
    assert np.argsort(widths).tolist() == np.argsort(weights).tolist()
    radii = [float(each.get("r", "0")) for each in tree.iter("{http://www.w3.org/2000/svg}circle")]
    assert np.argsort(radii).tolist() == np.argsort(whole.influence).tolist()


@pytest.mark.parametrize("count", [1, 2, 3, 12, 13, 40])
def test_every_node_has_a_place_of_its_own_which_is_always_the_same(count: int) -> None:
    whole = graph(NAMES[:count])
    places = positions(whole)
    assert places.shape == (count, 2)
    assert np.abs(places).max(initial=0.0) <= 1 + 1e-9
    assert len({tuple(np.round(each, 6)) for each in places.tolist()}) == count
    np.testing.assert_array_equal(places, positions(whole))


def test_of_many_nodes_the_suspected_one_is_among_the_few_that_are_shown() -> None:
    whole = graph(NAMES, suspected="n33")
    chosen = most_involved(whole, 5)
    assert len(chosen) == 5
    assert chosen == sorted(chosen)
    assert NAMES.index("n33") in chosen
    part = whole.part(chosen)
    assert part.weights.shape == (5, 5)
    assert part.weights[0, 1] == whole.weights[chosen[0], chosen[1]]
