"""The parameters of a node against its peers: order, value against value, counts, and no control characters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import parameters
from distdiag_tui.views.parameters import NodeAgainstPeers
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm
from tests.tui.canned_parameters import PARAMETERS
from tests.tui.walking import text

_VIEW = ViewState(calm(), ANOMALIES, SETS["ascii"], NOW_S)
_N2, _N1 = (NodeAgainstPeers.of(PARAMETERS, node) for node in ("n2", "n1"))


@pytest.mark.parametrize("width", [79, 119])
def test_what_differs_stands_first_value_against_value_with_how_many_nodes_have_which(width: int) -> None:
    rows = [parameters.row(_VIEW, _N2, each, width) for each in _N2.ordered]
    assert max(map(width_of, (*rows, *parameters.above(_VIEW, _N2, width)))) <= width
    said = text(tuple(rows))
    assert "\x1b" not in said
    assert said.splitlines()[0].split() == ["!", "memory_limit", "changed", "8G", "16G", "on", "2", "nodes"]
    assert "the same" in said.splitlines()[1]


def test_the_head_counts_differences_and_leaves_out_those_on_purpose() -> None:
    said = text(tuple(parameters.above(_VIEW, _N2, 119)))
    assert "5 parameters; other than of most peers: 1; changed in the last 24 h: 1" in said
    assert "addresses, ports, names and directories that differ on purpose: 1" in said
    assert "other than of most peers: 0" in text(tuple(parameters.above(_VIEW, _N1, 119)))


def test_the_detail_has_every_value_with_its_nodes_and_every_change() -> None:
    said = text(tuple(parameters.detail(_N2, _N2.ordered[0], 119)))
    assert "16G  on 2 nodes: n1, n3" in said
    assert "it was 16G, and became 8G" in said
    (local_ip,) = (each for each in _N2.ordered if each.name == "local_ip")
    assert "differs on purpose" in text(tuple(parameters.detail(_N2, local_ip, 119)))


def test_what_cannot_be_read_is_said_with_the_grant() -> None:
    note = "n3: sql: oceanbase.V$OB_PARAMETERS cannot be read; GRANT SELECT ON oceanbase.* TO 'shop'"
    found = NodeAgainstPeers.of(replace(PARAMETERS, notes=(note,)), "n2")
    assert "GRANT SELECT ON oceanbase.* TO 'shop'" in text(tuple(parameters.above(_VIEW, found, 119)))
