"""What the nodes on the wall are filtered and sorted by: name, zone, condition, and any metric."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from distdiag_tui.views.filtering import Field
from distdiag_tui.views.node_wall import columns, has_workload
from distdiag_tui.views.view_state import mark

if TYPE_CHECKING:
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_tui.views.filtering import Value
    from distdiag_tui.views.view_state import ViewState

# Fewer transactions a second than this are those of the database itself.
_IDLE_TPS = 1.0


def node_fields(view: ViewState) -> tuple[Field[NodeStatus], ...]:
    """The columns of the wall by their headings, then every other metric by its whole name."""
    catalogue, loaded = view.snapshot.catalogue, has_workload(view)
    on_the_wall, others = (columns(catalogue, workload=workload) for workload in (loaded, not loaded))
    # A filter that names what stands there at other times goes on to mean something.
    shown = {column.heading: column.metric for column in on_the_wall}
    shown |= {column.heading: column.metric for column in others if column.heading not in shown}
    figures = [Field(heading, partial(_figure, view, metric.name), metric.unit) for heading, metric in shown.items()]
    rest = [
        Field(metric.name, partial(_figure, view, metric.name), metric.unit, listed=False)
        for metric in catalogue.metrics
    ]
    return (
        Field("node", lambda status: status.node),
        Field("zone", lambda status: status.zone),
        Field("state", lambda status: _state(view, status)),
        *figures,
        *rest,
    )


def _figure(view: ViewState, metric: str, status: NodeStatus) -> Value:
    return float(view.snapshot.frame.value(status.node, metric))


def _state(view: ViewState, status: NodeStatus) -> str:
    """The condition as on the wall, and beside it `injected` and `idle` where they are true."""
    words = [mark(view, status).word]
    if view.injections(status.node):
        words.append("injected")
    own = columns(view.snapshot.catalogue, workload=False)
    tps = next((column.metric.name for column in own if column.heading == "tps"), None)
    if tps is not None and view.snapshot.frame.value(status.node, tps) < _IDLE_TPS:
        words.append("idle")
    return " ".join(words)
