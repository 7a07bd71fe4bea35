"""The rule for what is excluded."""

from __future__ import annotations

from distdiag_core.anomalies import catalogue
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.dataset.building import exclusion
from distdiag_core.recording.events import Event

_UP, _DOWN = Link(LinkState.UP), Link(LinkState.DOWN, "refused")
_NODES = (NodeStatus("n1", "", _DOWN, _DOWN), NodeStatus("n2", "", _UP, _DOWN), NodeStatus("n3", "", _DOWN, _DOWN))


def test_a_lost_node_is_named_unless_an_anomaly_cut_it_off() -> None:
    assert exclusion.nodes_lost(_NODES, {"n1"}) == "n3 was lost: ssh: refused; sql: refused"
    assert exclusion.nodes_lost(_NODES, {"n1", "n3"}) == ""


def test_the_catalogue_says_which_anomalies_cut_off() -> None:
    active = [("network_loss", "n1"), ("cpu_stress", "n2"), ("nothing known", "n3")]
    assert exclusion.nodes_cut_off(active, catalogue.load()) == {"n1"}


def test_the_abort_rule_counts_from_the_beginning_of_the_case() -> None:
    events = [Event(5.0, "injection", "the abort rule ends i1", data={"abort": {}}), Event(6.0, "action", "other")]
    assert exclusion.aborted(events, 5.0) == "the abort rule ends i1"
    assert exclusion.aborted(events, 5.5) == ""
