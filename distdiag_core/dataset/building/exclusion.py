"""The rule for what is excluded: why a case must not be used for training or evaluation.

Live collecting keeps such a case and marks it; a campaign records it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.dataset.building.spans import Span
    from distdiag_core.metrics.frame import Window
    from distdiag_core.recording.events import Event

# The share of its ticks that a case needs; fewer mean that this machine could not keep up.
_ENOUGH_TICKS = 0.8


class InvalidCaseError(DistdiagError):
    """A case that cannot be kept; `str()` says why."""


def nodes_lost(nodes: Iterable[NodeStatus], cut_off: Collection[str] = ()) -> str:
    """Which nodes cannot be reached at all; empty where none is lost.

    Args:
        cut_off: nodes that an anomaly of the case may make unreachable.
    """
    lost = (node for node in nodes if node.state is NodeState.DOWN and node.node not in cut_off)
    return ", ".join(f"{node.node} was lost: {node.reason}" for node in lost)


def nodes_cut_off(active: Iterable[tuple[str, str]], catalogue: AnomalyCatalogue) -> frozenset[str]:
    """The nodes that one of the anomalies, given by name and node, may make unreachable."""
    found = ((catalogue.get(name), node) for name, node in active)
    return frozenset(node for anomaly, node in found if anomaly is not None and anomaly.cuts_off)


def aborted(events: Iterable[Event], since_s: float) -> str:
    """What the abort rule ended since then; empty where it ended nothing."""
    return next((event.text for event in events if event.time_s >= since_s and "abort" in event.data), "")


def doubtful(spans: Iterable[Span]) -> str:
    """Which injection has an end that is not known well; empty where all ends are."""
    return next((span.doubt for span in spans if span.doubt), "")


def unlabelled(spans: Iterable[Span], end_s: float) -> str:
    """Says whether an injection has no label in a case that ends at `end_s`; empty where all have one."""
    return "an anomaly was not seen active" if any(span.label(end_s) is None for span in spans) else ""


def too_few_ticks(window: Window, start_s: float, end_s: float, period_s: float) -> str:
    """How many ticks a slice has, where these are too few for a case; else empty."""
    expected = (end_s - start_s) / period_s + 1
    if len(window) >= _ENOUGH_TICKS * expected:
        return ""
    return f"only {len(window)} of {expected:.0f} ticks were sampled"
