"""What is known of the nodes at a tick, as `watch --json` and `distdiag api` have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.runtime.snapshot import Snapshot


def node_facts(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """An object for each node: its state, why figures are missing, and the figures by the names of the metrics."""
    frame = snapshot.frame
    statuses = {status.node: status for status in snapshot.nodes}
    for node, values in zip(frame.nodes, frame.values.tolist(), strict=True):
        facts: dict[str, Any] = {
            "node": node,
            "zone": statuses[node].zone,
            "state": statuses[node].state,
            "late": node in frame.late,
            "reasons": snapshot.reasons(node),
        }
        if (backfill := _backfill(snapshot, node)) is not None:
            facts["past"] = backfill
        yield facts | {"values": dict(zip(frame.metrics, values, strict=True))}


def _backfill(snapshot: Snapshot, node: str) -> dict[str, Any] | None:
    """The newest figures of a node that are of the past, each with its age; None where no source has such figures."""
    if (found := snapshot.backfill_of(node)) is None:
        return None
    source, status, of_node = found
    now_s = snapshot.frame.wall_s
    figures = of_node.newest if of_node is not None else {}
    return {
        "source": source,
        "read": status.read_s,
        "problem": status.problem,
        "notes": of_node.notes if of_node is not None else (),
        "period_s": of_node.period_s if of_node is not None else 0.0,
        "age_s": of_node.age_s(now_s) if of_node is not None else None,
        "values": {
            name: {"value": each.value, "time": each.time_s, "age_s": now_s - each.time_s}
            for name, each in sorted(figures.items())
        },
    }
