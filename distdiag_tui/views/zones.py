"""Zones of the wall that are folded into one row each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from distdiag_core.cluster.status import NodeStatus
from distdiag_tui.views.view_state import mark

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.drawing.lines import Tone
    from distdiag_tui.views.view_state import Mark, ViewState

_SEVERITY: tuple[Tone, ...] = ("calm", "muted", "warn", "bad")


@dataclass(frozen=True, slots=True)
class FoldedZone:
    """The nodes of a zone that share a row."""

    zone: str
    nodes: tuple[NodeStatus, ...]


Entry: TypeAlias = NodeStatus | FoldedZone


def entries(nodes: Sequence[NodeStatus], folded: Collection[str]) -> tuple[Entry, ...]:
    """The rows of the wall: a folded zone stands where the first of its nodes was."""
    of_zone = {zone: tuple(node for node in nodes if node.zone == zone) for zone in folded}
    found: dict[str, Entry] = {}
    for node in nodes:
        entry = FoldedZone(node.zone, of_zone[node.zone]) if node.zone in of_zone else node
        found.setdefault(name_of(entry), entry)
    return tuple(found.values())


def name_of(entry: Entry) -> str:
    """What an entry is told by from tick to tick; no node is called like a zone with a slash."""
    return f"{entry.zone}/" if isinstance(entry, FoldedZone) else entry.node


def worst_node(view: ViewState, zone: FoldedZone) -> NodeStatus:
    """The node in the worst condition; of several, the first."""
    return max(zone.nodes, key=lambda status: _SEVERITY.index(mark(view, status).tone))


def worst_mark(view: ViewState, entry: Entry) -> Mark:
    """The condition of a node, or of the node of a zone that is worst."""
    return mark(view, worst_node(view, entry) if isinstance(entry, FoldedZone) else entry)


def worst_figure(view: ViewState, zone: FoldedZone, metric: Metric) -> NodeStatus:
    """The node with the worst figure of a zone: of transactions the lowest, else the highest."""
    sign = -1.0 if metric.category == "transactions" else 1.0

    def badness(status: NodeStatus) -> float:
        value = view.snapshot.frame.value(status.node, metric.name)
        return sign * value if math.isfinite(value) else -math.inf

    return max(zone.nodes, key=badness)
