"""Small charts, one for each metric of the wall, all on one time axis (small multiples)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_tui.drawing import raster
from distdiag_tui.drawing.format import figure
from distdiag_tui.drawing.lines import Line, Span, fit, width_of
from distdiag_tui.drawing.sparklines import ceiling
from distdiag_tui.drawing.theme import NIGHT_INKS, Inks, ink_style
from distdiag_tui.views.fluctuation import fluctuation
from distdiag_tui.views.time_axis import TimeAxis, binned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_tui.drawing.theme import Ink
    from distdiag_tui.views.node_wall import Column
    from distdiag_tui.views.view_state import ViewState

# More lines than this cannot be told apart: then the selected node stands against the cluster's median and extremes.
MOST_LINES = 6
_LEAST_WIDTH = 24
_LEAST_HEIGHT = 4
# Higher charts say no more.
_MOST_HEIGHT = 20
# With fewer rows the legend would cost a chart.
_LEGENDED_HEIGHT = 2 * _LEAST_HEIGHT + 1
_GAP = 2
# For instance ` 0–500 ms`, and ` ↑3.2x`.
_SCALE_WIDTH = 9
_MARK_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Grid:
    """How many charts stand beside and below each other, and how large each is, its heading included."""

    across: int
    down: int
    width: int
    height: int

    @classmethod
    def of(cls, width: int, height: int, charts: int) -> Grid | None:
        """As many charts as fit, as large as can be; None where not one does."""
        across = min(charts, 3, (width + _GAP) // (_LEAST_WIDTH + _GAP))
        if across < 1 or height < _LEAST_HEIGHT:
            return None
        down = min(-(-charts // across), height // _LEAST_HEIGHT)
        return cls(across, down, (width - _GAP * (across - 1)) // across, min(_MOST_HEIGHT, height // down))

    @property
    def places(self) -> int:
        """How many charts there are."""
        return self.across * self.down


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator has chosen: a column of the wall, a node, a span of time.

    Attributes:
        inks: the colours of the lines.
    """

    column: int
    node: str
    span_s: float
    inks: Inks = NIGHT_INKS


def title(view: ViewState, choice: Choice, key: str) -> str:
    """The time span and the key that zooms, for the panel's border."""
    span = f"{choice.span_s:.0f} s" if choice.span_s < 120 else f"{choice.span_s / 60:.3g} min"
    return f"METRICS {view.glyphs.dot} {span} {view.glyphs.dot} {key} zooms {view.glyphs.running}"


def legend(view: ViewState, choice: Choice, width: int) -> Line:
    """Which colour is which line."""
    nodes = view.snapshot.window.nodes
    names = [(name, at) for at, name in enumerate(nodes)]
    if len(nodes) > MOST_LINES:
        names = [("highest", 0), ("median", 2), ("lowest", 3), *([(choice.node, 1)] if choice.node in nodes else [])]
    spans: list[Span] = []
    for name, position in names:
        part: list[Span] = [
            (f" {view.glyphs.up} ", ink_style(choice.inks.line(position))),
            (f"{name} ", "strong" if name == choice.node else "muted"),
        ]
        if width_of((*spans, *part)) <= width:
            spans += part
    return tuple(spans)


def lines(view: ViewState, shown: Sequence[Column], choice: Choice, width: int, height: int) -> list[Line]:
    """The charts that fit, that of the selected column among them."""
    legended = height >= _LEGENDED_HEIGHT
    grid = Grid.of(width, height - legended, len(shown))
    if grid is None:
        return []
    first = max(0, min(choice.column - grid.places + 1, len(shown) - grid.places))
    blocks = [
        _chart(view, shown[at], choice, (grid.width, grid.height), selected=at == choice.column, turn=at / len(shown))
        for at in range(first, min(len(shown), first + grid.places))
    ]
    rows: list[Line] = [legend(view, choice, width)] if legended else []
    for start in range(0, len(blocks), grid.across):
        beside = blocks[start : start + grid.across]
        rows += [_beside([block[row] for block in beside], grid.width) for row in range(grid.height)]
    return rows


def _beside(parts: Sequence[Line], width: int) -> Line:
    spans: list[Span] = []
    for at, part in enumerate(parts):
        spans += part
        if at < len(parts) - 1:
            spans.append((" " * (width - width_of(part) + _GAP), "muted"))
    return tuple(spans)


def _chart(
    view: ViewState, column: Column, choice: Choice, size: tuple[int, int], *, selected: bool, turn: float
) -> list[Line]:
    width, height = size
    window, metric = view.snapshot.window, column.metric
    axis = TimeAxis.of(view.snapshot.frame.time_s, choice.span_s, width, view.snapshot.cluster.interval_s, turn=turn)
    across, _ = raster.dots(view.glyphs)
    bins = np.full((0, width * across), np.nan)
    if metric.name in window.metrics and len(window):
        bins = binned(window.values[:, window.metrics.index(metric.name)], window.times_s, axis, width * across)
    if not np.isfinite(bins).any():
        blank: Line = ((fit(" no figures yet", width), "muted"),)
        return [_heading(view, column, choice, width, None, selected=selected), blank, *[()] * (height - 2)]
    drawn = _drawn_lines(bins, window.nodes, choice)
    top = ceiling(bins, metric.unit)
    drawing = raster.draw([values / top for values, _ in drawn], height - 1, view.glyphs)
    inks = [ink for _, ink in drawn]
    shaded = _shaded(view, axis)
    signs = list(drawing.signs)
    if choice.inks.shade is None:
        signs[-1] = _marked(signs[-1], shaded, view.glyphs.mark)
    rows = [
        _row(row, owners, inks, shaded, choice.inks.shade) for row, owners in zip(signs, drawing.owners, strict=True)
    ]
    return [_heading(view, column, choice, width, top, selected=selected), *rows]


def _heading(view: ViewState, column: Column, choice: Choice, width: int, top: float | None, *, selected: bool) -> Line:
    """The metric and its scale; on the right what the selected node has now."""
    metric = column.metric
    value = view.snapshot.frame.value(choice.node, metric.name)
    away = fluctuation(view.normals, view.snapshot.window, choice.node, metric.name, metric.unit)
    mark = away.text(view.glyphs) if away else ""
    now = f"{choice.node} {figure(value, metric.unit, unknown=view.glyphs.unknown):>6}"
    sign = view.glyphs.running if selected else " "
    scale = "" if top is None else f" 0{view.glyphs.span}{figure(top, metric.unit)}"
    left = f"{sign}{column.heading}"
    room = width - len(now) - len(mark) - (1 if mark else 0)
    # Where there is no scale yet its room is kept, so that what stands here does not change with the second tick.
    meaning = "" if metric.label == column.heading else f" {metric.label}"
    if len(left) + len(meaning) + max(_SCALE_WIDTH, len(scale)) > width - len(now) - _MARK_WIDTH:
        meaning = ""
    spans: list[Span] = [(left, "accent" if selected else "strong"), (f"{meaning}{scale}", "muted")]
    used = width_of(tuple(spans))
    if used < room:
        spans.append((" " * (room - used), "muted"))
        spans.append((now, "plain"))
        if mark:
            spans.append((f" {mark}", "warn"))
    return tuple(spans)


def _drawn_lines(
    bins: NDArray[np.float64], nodes: tuple[str, ...], choice: Choice
) -> list[tuple[NDArray[np.float64], Ink]]:
    """The lines and their colours, that of the selected node last, so that it lies on top."""
    if len(nodes) <= MOST_LINES:
        found = [(name, bins[at], choice.inks.line(at)) for at, name in enumerate(nodes)]
    else:
        ordered = np.sort(bins, axis=0)
        count = np.isfinite(bins).sum(axis=0)
        columns = np.arange(bins.shape[1])
        picks = (("highest", count - 1, 0), ("median", (count - 1) // 2, 2), ("lowest", count * 0, 3))
        found = [
            (name, np.where(count > 0, ordered[at.clip(0), columns], np.nan), choice.inks.line(position))
            for name, at, position in picks
        ]
        if choice.node in nodes:
            found.append((choice.node, bins[nodes.index(choice.node)], choice.inks.line(1)))
    found.sort(key=lambda line: line[0] == choice.node)
    return [(values, ink) for _, values, ink in found]


def _shaded(view: ViewState, axis: TimeAxis) -> frozenset[int]:
    """The cells in whose time anything was injected."""
    return frozenset(
        cell
        for mark in view.anomaly_marks()
        if mark.kind == "injected"
        for cell in axis.covered(mark.start_s, mark.end_s)
    )


def _marked(signs: str, cells: frozenset[int], mark: str) -> str:
    """With a mark in the blank ones of these cells, for those who see no shade."""
    return "".join(mark if sign == " " and cell in cells else sign for cell, sign in enumerate(signs))


def _row(signs: str, owners: Sequence[int], inks: Sequence[Ink], shaded: frozenset[int], behind: Ink | None) -> Line:
    """One row of cells, on a shade in some of them."""
    keys = raster.coloured(owners)
    if behind is None or not shaded:
        return tuple((part, ink_style(inks[owner])) for part, owner in raster.stretches(signs, keys))
    # Of two that differ in their shade alone, the shaded one comes after all the others.
    keys = [owner + len(inks) if cell in shaded else owner for cell, owner in enumerate(keys)]
    return tuple(
        (part, ink_style(inks[key % len(inks)], behind=behind if key >= len(inks) else None))
        for part, key in raster.stretches(signs, keys)
    )
