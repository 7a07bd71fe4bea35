"""A heat map of the scores: a row for each node, a column for each anomaly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import set_cell_size

from distdiag_tui.views.view_state import mark

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.graph import AnomalyGraph
    from distdiag_tui.drawing.lines import Line, Span, Tone
    from distdiag_tui.views.view_state import ViewState

# Shades from nothing to full, one for each fifth of the scale: a terminal without colours shows as much.
_SHADES = {"ascii": " .:*#"}
_BLOCK_SHADES = " ░▒▓█"
_LEAST_CELLS, _MOST_CELLS = 4, 12
# Of more nodes than a screen has rows, those over the threshold come first.
_IN_ORDER_UP_TO = 20
# Below this, a score is not worth a figure.
_FAINT = 0.05


def graph_of(view: ViewState) -> AnomalyGraph | None:
    """The scores of the newest diagnosis; None without one."""
    diagnosis = view.snapshot.diagnosis
    return diagnosis.graph if diagnosis is not None else None


def nodes(view: ViewState, threshold: float) -> tuple[str, ...]:
    """The nodes from the top; of many, those with a score over the threshold first."""
    graph = graph_of(view)
    if graph is None:
        return ()
    if len(graph.nodes) <= _IN_ORDER_UP_TO:
        return graph.nodes
    highest = graph.confidence.max(axis=1, initial=0.0)
    order = np.lexsort((np.arange(len(graph.nodes)), -np.where(highest >= threshold, highest, 0)))
    return tuple(graph.nodes[place] for place in order)


def summary(view: ViewState, threshold: float, width: int) -> Line:
    """The threshold, and how much is over it."""
    graph = graph_of(view)
    if graph is None:
        why = "no diagnosis yet" if view.snapshot.model else "no model"
        return ((f" no scores: {why}", "muted"),)
    over = graph.confidence >= threshold
    count, hit = int(over.sum()), int(over.any(axis=1).sum())
    said = f"{count} of {over.size} scores are over it, on {hit} of {len(graph.nodes)} nodes"
    text = view.glyphs.fit(said, max(0, width - 24))
    return (" threshold ", "muted"), (f"{threshold:.2f}", "strong"), (f"   {text}", "warn" if count else "muted")


def headings(view: ViewState, width: int) -> list[Line]:
    """The names of the anomalies in two lines, each over its column."""
    graph = graph_of(view)
    if graph is None:
        return []
    node, columns = _cells(view, graph, width)
    names = [view.anomaly_label(name).rpartition(" ") for name in graph.anomalies]
    # The last word, or the only one, stands right over the figures.
    return [
        (
            (
                " " * (node + 4)
                + "".join(
                    f"{set_cell_size(each[part], cells - 1)} " for each, cells in zip(names, columns, strict=True)
                ),
                "muted",
            ),
        )
        for part in (0, 2)
    ]


def row(view: ViewState, node: str, threshold: float, width: int) -> Line:
    """The scores of one node, each as a shade and a figure."""
    graph = graph_of(view)
    if graph is None or node not in graph.nodes:
        return ((f" {node}", "muted"),)
    node_cells, columns = _cells(view, graph, width)
    status = next((each for each in view.snapshot.nodes if each.node == node), None)
    condition = mark(view, status) if status is not None else None
    spans: list[Span] = [
        (f" {condition.sign if condition else ' '}", condition.tone if condition else "muted"),
        (f" {view.glyphs.fit(node, node_cells)} ", "plain"),
    ]
    scores = graph.confidence[graph.nodes.index(node)]
    shade = min(columns) - 3
    spans += [_score(view, float(score), threshold, shade, cells) for score, cells in zip(scores, columns, strict=True)]
    return tuple(spans)


def _score(view: ViewState, score: float, threshold: float, shade_cells: int, cells: int) -> Span:
    """A cell; over the threshold it stands out in weight and colour."""
    shades = _SHADES.get(view.glyphs.name, _BLOCK_SHADES)
    shade = shades[min(len(shades) - 1, int(score * len(shades)))]
    figure = f"{min(99, round(score * 100)):2d}" if score >= _FAINT else f" {view.glyphs.dot}"
    return f"{shade * shade_cells}{figure}".ljust(cells), _tone(score, threshold)


def _tone(score: float, threshold: float) -> Tone:
    if score >= threshold:
        return "bad" if score >= (1 + threshold) / 2 else "warn"
    return "spark" if score >= _FAINT else "muted"


def _cells(view: ViewState, graph: AnomalyGraph, width: int) -> tuple[int, list[int]]:
    """The width of the names of the nodes, and of each column: equal, or as the headings need it if that alone fits."""
    node = max(3, min(14, max((len(name) for name in graph.nodes), default=3)))
    room, count = width - node - 4, max(1, len(graph.anomalies))
    equal = max(_LEAST_CELLS, min(_MOST_CELLS, room // count))
    words = (view.anomaly_label(name).rpartition(" ") for name in graph.anomalies)
    needed = [max(len(first), len(last)) + 1 for first, _, last in words]
    if max(needed, default=0) <= equal or sum(needed) > room:
        return node, [equal] * len(graph.anomalies)
    least = max(each for each in range(1, equal + 1) if sum(max(each, need) for need in needed) <= room)
    return node, [max(least, need) for need in needed]


def detail(view: ViewState, node: str, width: int) -> list[Line]:
    """The scores of one node in words, the highest first."""
    graph = graph_of(view)
    if graph is None or node not in graph.nodes:
        return []
    scores = graph.confidence[graph.nodes.index(node)]
    lines: list[Line] = [((f" {node}", "strong"), ("   the likeliest anomalies", "muted"))]
    for column in np.argsort(-scores, kind="stable").tolist():
        score, name = float(scores[column]), graph.anomalies[column]
        known = view.anomalies.get(name)
        what = view.glyphs.fit(known.what if known else "", max(0, width - 50))
        label = view.glyphs.fit(view.anomaly_label(name), 20)
        lines.append(
            ((f"  {label} ", "plain"), (f"{view.glyphs.bar(score, 16)} {score:.2f}  ", "spark"), (what, "muted"))
        )
    return lines
