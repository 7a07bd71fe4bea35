"""What was known of nodes, injections and workloads at a time of a recording, by its events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cluster.status import Link, LinkState, NodeState, NodeStatus
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import loader
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.incidents.incident import Incident
    from distdiag_core.recording.events import Event
    from distdiag_core.recording.schema import RecordedNode

_UP = Link(LinkState.UP)


@dataclass(frozen=True, slots=True)
class RecordedStates:
    """States over time; of each the changes, oldest first, each with its time.

    Attributes:
        load_changes_s: times at which the load was changed on purpose, which begins a new baseline.
    """

    nodes: tuple[tuple[float, NodeStatus], ...]
    injections: tuple[tuple[float, Injection], ...]
    workloads: tuple[tuple[float, WorkloadStatus], ...]
    load_changes_s: tuple[float, ...]

    @classmethod
    def of(cls, events: Sequence[Event], where: str) -> RecordedStates:
        """The states that the events of the recording `where` tell of.

        Raises:
            DataError: the facts of an event are not what they should be.
        """
        try:
            return cls(
                tuple((each.time_s, _node(each)) for each in events if _is_node_state(each)),
                tuple((each.time_s, _injection(each, where)) for each in events if _has(each, "injection")),
                tuple((each.time_s, _workload(each, where)) for each in events if _has(each, "request")),
                tuple(each.time_s for each in events if each.kind == "workload"),
            )
        except ConfigError as error:
            raise DataError(
                f"holds an event that cannot be read: {error}", where=where, hint="it is damaged"
            ) from error

    def nodes_at(self, time_s: float, nodes: Sequence[RecordedNode]) -> tuple[NodeStatus, ...]:
        """The state of each node; up where no event says otherwise."""
        known = {status.node: status for changed_s, status in self.nodes if changed_s <= time_s}
        found = (known.get(node.name, NodeStatus(node.name, ssh=_UP, sql=_UP)) for node in nodes)
        return tuple(replace(status, zone=node.zone) for status, node in zip(found, nodes, strict=True))

    def injections_at(self, time_s: float) -> tuple[Injection, ...]:
        """The injections that had begun and not ended, the oldest first."""
        known = {each.id: each for changed_s, each in self.injections if changed_s <= time_s}
        left = (each for each in known.values() if each.state is not InjectionState.CLEARED)
        return tuple(sorted(left, key=lambda each: (each.started_s, each.id)))

    def workloads_at(self, time_s: float) -> tuple[WorkloadStatus, ...]:
        """What ran or was the last state of each benchmark on its nodes."""
        known = {
            (each.request.kind, each.request.nodes): each for changed_s, each in self.workloads if changed_s <= time_s
        }
        return tuple(each for each in known.values() if each.ends_s is None or time_s <= each.ends_s)


def incident_at(incidents: Sequence[Incident], time_s: float) -> Incident | None:
    """The incident that went on at a time, as far as it had come by then; None without one."""
    for each in reversed(incidents):
        if each.noticed_s <= time_s < (each.ended_s if each.ended_s is not None else float("inf")):
            causes = tuple(replace(cause, last_s=min(cause.last_s, time_s)) for cause in each.causes
                           if cause.joined_s <= time_s)  # fmt: skip
            linked = tuple(injection for injection in each.injections if injection.began_s <= time_s)
            return replace(
                each,
                last_s=min(each.last_s, time_s),
                ended_s=None,
                causes=causes or each.causes[:1],
                injections=linked,
            )
    return None


def _has(event: Event, fact: str) -> bool:
    return event.kind in ("injection", "workload") and isinstance(event.data.get(fact), dict)


def _is_node_state(event: Event) -> bool:
    return event.kind == "node" and event.node is not None and event.data.get("state") in list(NodeState)


def _node(event: Event) -> NodeStatus:
    state, node = NodeState(event.data["state"]), event.node or ""
    reason = event.text.partition(f"{state}: ")[2]
    down = Link(LinkState.DOWN, reason.removeprefix("ssh: ").removeprefix("sql: "))
    match state:
        case NodeState.UP:
            return NodeStatus(node, ssh=_UP, sql=_UP)
        case NodeState.CONNECTING:
            return NodeStatus(node)
        case NodeState.DEGRADED if reason.startswith("ssh: "):
            return NodeStatus(node, ssh=down, sql=_UP)
        case NodeState.DEGRADED:
            return NodeStatus(node, ssh=_UP, sql=down)
        case _:
            ssh, _, sql = reason.removeprefix("ssh: ").partition("; sql: ")
            return NodeStatus(node, ssh=Link(LinkState.DOWN, ssh), sql=Link(LinkState.DOWN, sql or ssh))


def _injection(event: Event, where: str) -> Injection:
    facts: dict[str, Any] = event.data["injection"]
    detail = event.text.partition(f" is {facts.get('state')}: ")[2]
    return loader.validate({**facts, "node": event.node or "", "detail": detail}, Injection, where=where)


def _workload(event: Event, where: str) -> WorkloadStatus:
    # The options of a benchmark need its class, and no screen of a replay shows them.
    facts = {key: value for key, value in event.data["request"].items() if key != "options"}
    request = loader.validate(facts, WorkloadRequest, where=where)
    state = loader.validate(event.data.get("state"), WorkloadState, where=where)
    if state is not WorkloadState.RUNNING:
        return WorkloadStatus(request, state)
    ends_s = None if request.duration_s is None else event.time_s + request.duration_s
    return WorkloadStatus(request, state, started_s=event.time_s, ends_s=ends_s)
