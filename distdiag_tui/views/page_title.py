"""The title bar of a page: which cluster, and where in the console one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import Line, Span, fit, width_of

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_tui.views.view_state import ViewState

# `09:30:00` with a space on each side.
_CLOCK_CELLS = 10


def cluster_name(cluster: ClusterSettings) -> list[Span]:
    """The name of a cluster, on its colour where it has one."""
    if cluster.accent is None:
        return [(f" {cluster.name}", "strong")]
    return [(" ", "plain"), (f" {cluster.name} ", "chip")]


def page_title(view: ViewState, place: str, width: int) -> Line:
    """The cluster, the place, and the time of the newest tick, or how long there has been none."""
    cluster = view.snapshot.cluster
    spans: list[Span] = [(" distdiag ", "accent"), *cluster_name(cluster)]
    if cluster.production:
        spans += [(" ", "plain"), (" PROD ", "badge")]
    if view.snapshot.simulated:
        spans += [(" ", "plain"), (" SIMULATED ", "badge")]
    elif view.snapshot.replay is not None:
        spans += [(" ", "plain"), (" REPLAY ", "badge")]
    elif cluster.read_only:
        spans.append((" [RO]", "warn"))
    spans.append((f" {view.glyphs.dot} ", "muted"))
    silent = view.silent_s
    moment = f" stale for {silent:.0f} s " if silent else f" {clock(view.wall_s(view.snapshot.frame.time_s))} "
    left = width - width_of(tuple(spans)) - max(_CLOCK_CELLS, len(moment))
    spans.append((view.glyphs.fit(place, max(0, left)), "accent"))
    return *spans, (fit(moment, max(_CLOCK_CELLS, len(moment)), "right"), "bad" if silent else "muted")
