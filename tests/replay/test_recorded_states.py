"""What the events of a recording say of nodes."""

from __future__ import annotations

import pytest

from distdiag_core.cluster.status import NodeState
from distdiag_core.recording.events import Event
from distdiag_core.recording.schema import RecordedNode
from distdiag_core.replay.recorded_states import RecordedStates


@pytest.mark.parametrize(
    ("state", "text", "reason"),
    [
        ("up", "n1 is up", ""),
        ("degraded", "n1 is degraded: ssh: no route", "ssh: no route"),
        ("degraded", "n1 is degraded: sql: refused", "sql: refused"),
        ("down", "n1 is down: ssh: no route; sql: refused", "ssh: no route; sql: refused"),
    ],
)
def test_a_node_is_what_its_last_event_says(state: str, text: str, reason: str) -> None:
    events = (Event(5.0, "node", text, node="n1", data={"state": state}), Event(6.0, "node", "n1: a note", node="n1"))
    states = RecordedStates.of(events, "here")
    (before,) = states.nodes_at(4.9, (RecordedNode("n1", "z1"),))
    (after,) = states.nodes_at(7.0, (RecordedNode("n1", "z1"),))
    assert (before.state, before.zone) == (NodeState.UP, "z1")
    assert (after.state, after.reason) == (NodeState(state), reason)
