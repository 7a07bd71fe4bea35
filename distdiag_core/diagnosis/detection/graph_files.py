"""A compound anomaly graph as the text of a GraphML or SVG file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.graph_layout import positions
from distdiag_core.svg.markup import ALARM, CALM, INK, document, harmless, printable, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from distdiag_core.diagnosis.detection.graph import AnomalyGraph

_WIDTH, _HEIGHT = 960, 720
# Room around the graph for the labels.
_MARGIN_X, _MARGIN_Y = 200, 110
_RADIUS = 22.0
_BAR, _BAR_HEIGHT = 9, 40
_SUSPECT = 0.5


def graphml(graph: AnomalyGraph) -> str:
    """GraphML: node attributes `influence` and `score.ANOMALY`, edge attribute `weight`."""
    import networkx as nx

    found = nx.relabel_nodes(graph.to_networkx(), {node: printable(node) for node in graph.nodes})
    for _, attributes in found.nodes(data=True):
        # GraphML has no attributes of several values.
        for anomaly, score in attributes.pop("scores").items():
            attributes[f"score.{printable(anomaly)}"] = score
    return "\n".join(nx.generate_graphml(found)) + "\n"


def svg(graph: AnomalyGraph, title: str, label: Callable[[str], str] = str) -> str:
    """SVG: an edge is as wide as its weight, a node as large as its influence, its scores are bars under its name.

    Args:
        label: an anomaly as it is called on screen.
    """
    points = [_point(x, y) for x, y in positions(graph).tolist()]
    lines = [
        text(24, 34, title, size=18, fill=INK),
        *_edges(graph, points),
        *(line for place, point in enumerate(points) for line in _node(graph, place, point, label)),
        *_key(graph, label),
    ]
    return document(_WIDTH, _HEIGHT, lines)


def _point(x: float, y: float) -> tuple[float, float]:
    return (
        _WIDTH / 2 + x * (_WIDTH / 2 - _MARGIN_X),
        _HEIGHT / 2 - y * (_HEIGHT / 2 - _MARGIN_Y),
    )


def _edges(graph: AnomalyGraph, points: list[tuple[float, float]]) -> Iterator[str]:
    for one in range(len(points)):
        for other in range(one + 1, len(points)):
            weight = float(graph.weights[one, other])
            (x1, y1), (x2, y2) = points[one], points[other]
            yield (
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#5a7a9a" '
                f'stroke-width="{max(0.3, 10 * weight):.2f}" stroke-opacity="{0.15 + 0.6 * weight:.2f}">'
                f"<title>{harmless(graph.nodes[one])} - {harmless(graph.nodes[other])}: {weight:.2f}</title></line>"
            )
            if len(points) <= 6:
                yield text((x1 + x2) / 2, (y1 + y2) / 2 - 6, f"{weight:.2f}", fill="#5a7a9a", anchor="middle")


def _node(graph: AnomalyGraph, place: int, point: tuple[float, float], label: Callable[[str], str]) -> Iterator[str]:
    x, y = point
    scores = graph.confidence[place]
    best = int(np.argmax(scores)) if scores.size else -1
    suspect = best >= 0 and float(scores[best]) >= _SUSPECT
    influence = float(graph.influence[place])
    radius = _RADIUS * float(np.sqrt(max(0.1, influence)))
    colour = ALARM if suspect else CALM
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
    said = f"{graph.nodes[place]}  {influence:.2f}"
    yield text(x + radius + 8, y - 2, said, size=15, fill=INK, bold=True)
    if suspect:
        found = f"{label(graph.anomalies[best])} {float(scores[best]):.2f}"
        yield text(x + radius + 8, y + 15, found, size=13, fill=ALARM)
    yield from _bars(graph, place, (x + radius + 8, y + 22))


def _bars(graph: AnomalyGraph, place: int, corner: tuple[float, float]) -> Iterator[str]:
    x, y = corner
    for number, score in enumerate(graph.confidence[place].tolist()):
        height = max(1.0, score * _BAR_HEIGHT)
        colour = ALARM if score >= _SUSPECT else "#9ab4cc"
        title = f"<title>{harmless(graph.anomalies[number])}: {score:.2f}</title>"
        yield (
            f'<rect x="{x + number * _BAR:.1f}" y="{y + _BAR_HEIGHT - height:.1f}" width="{_BAR - 2}" '
            f'height="{height:.1f}" fill="{colour}">{title}</rect>'
        )


def _key(graph: AnomalyGraph, label: Callable[[str], str]) -> Iterator[str]:
    names = ", ".join(label(anomaly) for anomaly in graph.anomalies)
    texts = (
        "Size of a node: weighted PageRank, whose mean is 1. Width of a line: mean |Pearson| of the metrics.",
        f"Bars, from the left: {names}.",
    )
    for number, line in enumerate(texts):
        yield text(24, _HEIGHT - 40 + 18 * number, line)
