"""One node in full: its state and why, what is done to it, and all of its metrics as small charts."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from distdiag_tui.drawing.format import WIDTH, clock, figure
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block
from distdiag_tui.drawing.sparklines import STEP_TICKS, binned, ceiling, drawn
from distdiag_tui.views.root_causes import evidence_words
from distdiag_tui.views.view_state import ViewState, mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.diagnosis.detection.ranking import Evidence
    from distdiag_core.metrics.catalogue import Metric

# `254ms/s` is wider than any figure of the node wall.
_FIGURE_CELLS = WIDTH + 1
# So wide is a chart with its label and figures at least, where more than two stand side by side.
_ENTRY_CELLS = 58
# From this width on the other nodes have a figure beside it.
_PEERS_FROM = 48
_LABEL_CELLS = 18
# The longest label that is shown whole, where the chart leaves room.
_WHOLE_LABEL_CELLS = 30
_SPARK_CELLS = 12
_TWO_FROM = 76
_MOST_CELLS = 60


def position(view: ViewState, node: str) -> str:
    """The node, and how many there are."""
    names = [status.node for status in view.snapshot.nodes]
    at = names.index(node) + 1 if node in names else 0
    return f"node {node} {view.glyphs.dot} {at} of {len(names)}"


def page(view: ViewState, node: str, width: int) -> list[Line]:
    """Everything that is watched of one node."""
    return [*head(view, node, width), *metrics(view, node, width)]


def head(view: ViewState, node: str, width: int) -> list[Line]:
    """The state of a node and why, and what is done to it."""
    status = view.status(node)
    return [((f" there is no node {node}", "muted"),)] if status is None else _head(view, status, width)


def _head(view: ViewState, status: NodeStatus, width: int) -> list[Line]:
    condition, node = mark(view, status), status.node
    host = next((known.host for known in view.snapshot.cluster.nodes if known.name == node), "")
    place = f"   {f' {view.glyphs.dot} '.join(part for part in (host, status.zone) if part not in ('', node))}"
    lines: list[Line] = [
        ((f" {condition.sign} {node} ", "strong"), (condition.word, condition.tone), (place, "muted")),
    ]
    for reason in view.snapshot.reasons(node):
        lines += block("   why       ", reason, width, "warn")
    for cause in view.causes(node):
        since = f" since {clock(view.wall_s(cause.onset_s))}" if cause.onset_s is not None else ""
        cost = f", node impact {cause.impact}" if cause.impact else ""
        said = f"{view.anomaly_label(cause.anomaly)}, confidence {cause.confidence:.2f}{since}{cost}"
        lines += block("   suspected ", said, width, "warn")
        because = cause.reason or "; ".join(evidence_words(view, each) for each in cause.evidence)
        lines += block("   because   ", because, width)
    for injection in view.injections(node):
        said = f"{view.anomaly_label(injection.anomaly)} {injection.severity}, {view.time_left(injection)}"
        lines += block("   injected  ", f"{said}, by {injection.owner}", width, "accent")
    return lines


def metrics(view: ViewState, node: str, width: int) -> list[Line]:
    """The metrics by category, a small chart each."""
    window = view.snapshot.window
    if view.status(node) is None:
        return []
    if node not in window.nodes or not len(window):
        return [BLANK, ((" no figures yet", "muted"),)]
    columns = max(2 if width >= _TWO_FROM else 1, width // _ENTRY_CELLS)
    entry = (width - 1) // columns
    cells = _spark_cells(entry)
    charts = _charts(view, node, cells)
    moved = {each.metric: each for cause in view.causes(node) for each in cause.evidence}
    named = [each for each in view.snapshot.catalogue.metrics if each.name in window.metrics]
    order = list(dict.fromkeys(metric.category for metric in named))
    named.sort(key=lambda metric: order.index(metric.category))
    lines: list[Line] = []
    for category, metrics in groupby(named, key=lambda metric: metric.category):
        title = f" {category.upper()}"
        legend = f"  a cell is {STEP_TICKS} ticks" if not lines else ""
        legend += ", the second figure the median of the other nodes" if legend and entry >= _PEERS_FROM else ""
        lines += [BLANK, ((title, "accent"), (view.glyphs.fit(legend, width - len(title)), "muted"))]
        entries = [
            _entry(view, node, metric, (charts[metric.name], moved.get(metric.name)), entry) for metric in metrics
        ]
        lines += [_side_by_side(entries[at : at + columns]) for at in range(0, len(entries), columns)]
    return lines


def _label_cells(entry: int) -> int:
    """As many as the chart beside it leaves, up to the longest label."""
    figures = 2 * (_FIGURE_CELLS + 1) if entry >= _PEERS_FROM else _FIGURE_CELLS + 1
    return max(_LABEL_CELLS, min(_WHOLE_LABEL_CELLS, entry - _SPARK_CELLS - figures - 4))


def _spark_cells(entry: int) -> int:
    figures = 2 * (_FIGURE_CELLS + 1) if entry >= _PEERS_FROM else _FIGURE_CELLS + 1
    return max(4, min(_MOST_CELLS, entry - _label_cells(entry) - figures - 4))


def _charts(view: ViewState, node: str, cells: int) -> dict[str, str]:
    """A sparkline of each metric, on a scale that all nodes share."""
    window = view.snapshot.window
    recent = window.values[:, :, -cells * STEP_TICKS :]
    known = np.where(np.isfinite(recent), recent, -np.inf)
    highest = known.max(axis=(0, 2), initial=-np.inf).astype(np.float64)
    tops = [
        ceiling(np.array([top if np.isfinite(top) else np.nan]), view.unit(name))
        for name, top in zip(window.metrics, highest, strict=True)
    ]
    at = window.nodes.index(node)
    bins = binned(window.values[at : at + 1], view.snapshot.tick, cells)
    (sparks,) = drawn(bins, tops, view.glyphs.levels)
    return dict(zip(window.metrics, sparks, strict=True))


def _entry(view: ViewState, node: str, metric: Metric, about: tuple[str, Evidence | None], cells: int) -> list[Span]:
    """A metric with its chart, its newest figure, and that of the other nodes where there is room."""
    spark, evidence = about
    tone: Tone = "warn" if evidence is not None else "plain"
    newest = view.snapshot.frame.value(node, metric.name)
    sign = view.glyphs.rise if evidence and evidence.sigma >= 0 else view.glyphs.fall if evidence else " "
    spans: list[Span] = [
        (f" {sign} {view.glyphs.fit(metric.label, _label_cells(cells))} ", tone),
        (spark, "warn" if evidence is not None else "spark"),
        (f" {figure(newest, metric.unit, unknown=view.glyphs.unknown):>{_FIGURE_CELLS}}", tone),
    ]
    if cells >= _PEERS_FROM:
        peers = figure(_peers(view, node, metric.name), metric.unit, unknown=view.glyphs.unknown)
        spans.append((f" {peers:>{_FIGURE_CELLS}}", "muted"))
    used = sum(len(text) for text, _ in spans)
    return [*spans, (" " * max(0, cells - used), "plain")]


def _peers(view: ViewState, node: str, metric: str) -> float:
    """The median of the newest figures of the other nodes; NaN where none has one."""
    frame = view.snapshot.frame
    if metric not in frame.metrics:
        return float("nan")
    column = frame.values[:, frame.metrics.index(metric)]
    others = column[[at for at, name in enumerate(frame.nodes) if name != node and np.isfinite(column[at])]]
    return float(np.median(others)) if others.size else float("nan")


def _side_by_side(entries: Sequence[Sequence[Span]]) -> Line:
    return tuple(span for entry in entries for span in entry)
