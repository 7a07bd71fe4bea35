"""The compound anomaly graph, drawn: nodes as large as their influence, lines as heavy as their correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.graph_layout import most_involved, positions
from distdiag_tui.drawing.dot_canvas import DotCanvas, Stroke
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block
from distdiag_tui.views.graph_labels import Labelled, PlacedText, placed
from distdiag_tui.views.view_state import SUSPECT, ViewState, mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.graph import AnomalyGraph

# From each of these weights on, an edge is drawn a step heavier; below the first it is left out.
WEIGHTS = (0.1, 0.25, 0.4)
_STROKES: tuple[tuple[float, Stroke, Tone], ...] = (
    (WEIGHTS[2], 3, "accent"),
    (WEIGHTS[1], 2, "spark"),
    (WEIGHTS[0], 1, "muted"),
)
# Of many nodes, as many of the strongest edges as there are nodes; more would only blacken the screen.
_ALL_EDGES_UP_TO = 8
# Below this width there is no room for the table beside the drawing.
_TABLE_FROM, _TABLE_CELLS = 110, 52
_LEGEND_ROWS = 4
_TREND_CELLS = 8
_NODE_CELLS = 11
_LABEL_CELLS = 22


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a graph that has room.

    Attributes:
        places: shape (n, 2), from -1 to 1.
        whole: how many nodes there are in all.
    """

    graph: AnomalyGraph
    places: NDArray[np.float64]
    whole: int


class Placement:
    """The nodes that are shown and their places, which stay as they are for as long as that is possible."""

    def __init__(self) -> None:
        self._nodes: tuple[str, ...] = ()
        self._places: NDArray[np.float64] = np.zeros((0, 2))

    def of(self, graph: AnomalyGraph, most: int) -> Shown:
        """The nodes that are shown of a graph, at most so many, the most involved ones."""
        part = graph.part(self._chosen(graph, most))
        if part.nodes != self._nodes:
            self._nodes, self._places = part.nodes, positions(part)
        return Shown(part, self._places, len(graph.nodes))

    def _chosen(self, graph: AnomalyGraph, most: int) -> list[int]:
        """Those of the last tick where no other is suspected, so that nodes do not come and go by chance."""
        at = {node: place for place, node in enumerate(graph.nodes)}
        if len(self._nodes) == min(most, len(graph.nodes)) and all(node in at for node in self._nodes):
            suspected = np.flatnonzero((graph.confidence >= SUSPECT).any(axis=1)).tolist()
            kept = [at[node] for node in self._nodes]
            if set(suspected) <= set(kept):
                return kept
        return most_involved(graph, most)


def room(width: int, height: int) -> int:
    """How many nodes have room for their labels."""
    return max(4, min(30, (height - _LEGEND_ROWS) * _drawing_cells(width) // 130))


def draw(
    view: ViewState, placement: Placement, trends: Mapping[str, Sequence[float]], size: tuple[int, int]
) -> list[Line]:
    """The graph of the newest tick, what its signs mean, and where there is room a table beside it.

    Args:
        trends: the influence of each node over time, the newest last.
        size: cells of width and of height.
    """
    width, height = size
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None or diagnosis.graph is None:
        why = (
            "waiting for the first diagnosis"
            if view.snapshot.model
            else "no model, so that there are no scores to draw"
        )
        return [((f" {why}", "muted"),)]
    part = placement.of(diagnosis.graph, room(width, height))
    legend = _legend(view, part.graph, part.whole, width)
    height -= len(legend)
    drawing = _drawing(view, part, _drawing_cells(width), max(1, height))
    if width >= _TABLE_FROM:
        rows = _table(view, part, trends, height)
        rows += [BLANK] * (len(drawing) - len(rows))
        drawing = [(*left, (" ", "plain"), *right) for left, right in zip(drawing, rows, strict=True)]
    return [*drawing, *legend]


def _drawing_cells(width: int) -> int:
    return width - _TABLE_CELLS - 1 if width >= _TABLE_FROM else width


def _drawing(view: ViewState, part: Shown, width: int, height: int) -> list[Line]:
    raster = DotCanvas(width, height, view.glyphs.name)
    cells = [_cell(x, y, width, height) for x, y in part.places.tolist()]
    weights: list[PlacedText] = []
    for one, other, weight in sorted(_edges(part.graph), key=lambda edge: edge[2]):
        stroke, tone = _stroke(weight)
        raster.line(cells[one], cells[other], stroke, tone)
        if len(cells) <= 4:
            (x1, y1), (x2, y2) = cells[one], cells[other]
            weights.append(PlacedText(round((x1 + x2) / 2) - 2, round((y1 + y2) / 2), f" {weight:.2f} ", tone))
    discs = [_draw_node(view, raster, part.graph, place, cell) for place, cell in enumerate(cells)]
    for each in (*weights, *placed(discs, width, height, weights)):
        raster.text(each.column, each.row, each.text, each.tone)
    return raster.lines()


def _cell(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """Where a node lies, with room for its label on the outer side."""
    across, down = (width - 1) / 2 - min(_LABEL_CELLS, width // 4), (height - 1) / 2 - 2
    return (width - 1) / 2 + x * across, (height - 1) / 2 - y * max(1.0, down)


def _edges(graph: AnomalyGraph) -> list[tuple[int, int, float]]:
    """The edges that are drawn: those with some weight, and of many nodes the strongest."""
    count = len(graph.nodes)
    found = [
        (one, other, float(graph.weights[one, other]))
        for one in range(count)
        for other in range(one + 1, count)
        if graph.weights[one, other] >= WEIGHTS[0]
    ]
    if count > _ALL_EDGES_UP_TO:
        found = sorted(found, key=lambda edge: -edge[2])[:count]
    return found


def _stroke(weight: float) -> tuple[Stroke, Tone]:
    return next((stroke, tone) for least, stroke, tone in _STROKES if weight >= least)


def _draw_node(
    view: ViewState, raster: DotCanvas, graph: AnomalyGraph, place: int, cell: tuple[float, float]
) -> Labelled:
    """A disc by influence; for beside it the name, the score vector, and the anomaly that is suspected."""
    influence, name = float(graph.influence[place]), graph.nodes[place]
    # The area of the disc is in proportion to the influence.
    radius = 1.5 * float(np.sqrt(max(0.1, influence))) * (1.5 if raster.height >= 40 else 1.0)
    raster.disc(cell, radius, _tone(view, name))
    anomaly, score = _best(graph, place)
    suspected = score >= SUSPECT
    texts: list[tuple[str, Tone]] = [(f" {_sign(view, name)} {name} {influence:.2f} ", "strong")]
    # Among many, the score vector of a node that nothing is wrong with would only take the place of other labels.
    if suspected or len(graph.nodes) <= _ALL_EDGES_UP_TO:
        texts.append((f" {score_marks(view, graph, place)} ", "warn" if suspected else "spark"))
    if suspected:
        texts.append((f" {view.anomaly_label(anomaly)} {score:.2f} ", "warn"))
    return Labelled(cell, round(radius) + 1, tuple(texts), important=suspected)


def _best(graph: AnomalyGraph, place: int) -> tuple[str, float]:
    """The likeliest anomaly of a node and its score."""
    scores = graph.confidence[place]
    if not scores.size:
        return "", 0.0
    best = int(np.argmax(scores))
    return graph.anomalies[best], float(scores[best])


def score_marks(view: ViewState, graph: AnomalyGraph, place: int) -> str:
    """The score vector of a node, a sign for each anomaly."""
    return view.glyphs.spark(graph.confidence[place].tolist(), 1.0)


def _tone(view: ViewState, node: str) -> Tone:
    status = next((each for each in view.snapshot.nodes if each.node == node), None)
    return mark(view, status).tone if status is not None else "muted"


def _sign(view: ViewState, node: str) -> str:
    status = next((each for each in view.snapshot.nodes if each.node == node), None)
    return mark(view, status).sign if status is not None else view.glyphs.unknown


def _table(view: ViewState, part: Shown, trends: Mapping[str, Sequence[float]], height: int) -> list[Line]:
    """The nodes by importance, with the course of their influence; under them the strongest edges."""
    graph = part.graph
    order = sorted(range(len(graph.nodes)), key=lambda at: -_best(graph, at)[1] * float(graph.influence[at]))
    names = min(_NODE_CELLS, max(4, *map(len, graph.nodes)))
    lines: list[Line] = [((f"  {'node':<{names + 1}}{'influence':<{_TREND_CELLS + 8}}likeliest anomaly", "muted"),)]
    listed = order[: max(1, height // 2)]
    lines += [_table_row(view, graph, place, trends.get(graph.nodes[place], ()), names) for place in listed]
    edges = sorted(_edges(graph), key=lambda edge: -edge[2])[: max(0, height - len(lines) - 2)]
    if edges:
        lines += [BLANK, (("  strongest edges", "muted"),)]
    for one, other, weight in edges:
        ends = f"{graph.nodes[one]} - {graph.nodes[other]}"
        lines.append(
            (
                (f"  {view.glyphs.fit(ends, 2 * names + 4)}", "plain"),
                (f"{view.glyphs.bar(weight, 16)} {weight:.2f}", _stroke(weight)[1]),
            )
        )
    return lines[:height]


def _table_row(view: ViewState, graph: AnomalyGraph, place: int, trend: Sequence[float], names: int) -> Line:
    node, influence = graph.nodes[place], float(graph.influence[place])
    anomaly, score = _best(graph, place)
    recent = list(trend)[-_TREND_CELLS:]
    spark = view.glyphs.spark(recent, max([2.0, *recent]))
    suspected = score >= SUSPECT
    return (
        (f"{_sign(view, node)} {view.glyphs.fit(node, names)} ", _tone(view, node)),
        (f"{influence:5.2f} ", "plain"),
        (f"{spark:<{_TREND_CELLS}}  ", "spark"),
        (
            view.glyphs.fit(f"{score:.2f} {view.anomaly_label(anomaly)}", _TABLE_CELLS - names - _TREND_CELLS - 11),
            "warn" if suspected else "muted",
        ),
    )


def _legend(view: ViewState, graph: AnomalyGraph, whole: int, width: int) -> list[Line]:
    """What the signs mean, and what was left out."""
    count, drawn, edges = len(graph.nodes), len(_edges(graph)), len(graph.nodes) * (len(graph.nodes) - 1) // 2
    light, middle, heavy = WEIGHTS
    return [
        *block(" shown ", f"{_count(count, whole)}, {drawn} of {edges} edges", width, "muted"),
        *block(" disc  ", "influence: weighted PageRank, whose mean is 1", width, "muted"),
        *block(" line  ", f"mean |Pearson| of the metrics: dotted from {light}, thin from {middle}, thick from {heavy}",
               width, "muted"),
        *block(" marks ", f"from the left: {', '.join(map(view.anomaly_label, graph.anomalies))}", width, "muted"),
    ]  # fmt: skip


def _count(count: int, whole: int) -> str:
    return (
        f"the {count} most involved of {whole} nodes" if count < whole else f"{count} node{'s' if count != 1 else ''}"
    )
