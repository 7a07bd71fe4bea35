"""The chart of one metric of all nodes over time, with thresholds, injections and events, drawn by plotext."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_tui.drawing.canvas import Canvas
from distdiag_tui.drawing.format import clock, figure
from distdiag_tui.drawing.sparklines import ceiling
from distdiag_tui.drawing.theme import Ink, Inks, ink_style
from distdiag_tui.views.fluctuation import thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from textual_plotext.plot import Plot

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.drawing.lines import Line, Span
    from distdiag_tui.views.view_state import ViewState

# More lines than this cannot be told apart: then the selected node stands against the cluster's median and extremes.
MOST_LINES = 6
SPANS_S = (60, 120, 300, 600)
# The width of the labels left of the chart.
_LABEL = 6
# Fewer rows than this have no room for five labels.
_TALL = 9
# The axis and its labels.
_AXIS_ROWS = 2


@dataclass(frozen=True, slots=True)
class Series:
    """One line of the chart; shape of `values`: (T,)."""

    name: str
    values: NDArray[np.float64]
    ink: Ink


@dataclass(frozen=True, slots=True)
class ChartView:
    """The metric, node and time span that the chart shows."""

    metric: Metric
    node: str
    span_s: int
    inks: Inks


def series(view: ViewState, chart: ChartView) -> list[Series]:
    """The lines, the selected node last, so that it lies on top."""
    window = view.snapshot.window
    if chart.metric.name not in window.metrics:
        return []
    values = window.values[:, window.metrics.index(chart.metric.name)].astype(np.float64)
    recent = window.times_s >= view.snapshot.frame.time_s - chart.span_s
    values = values[:, recent]
    inks = [chart.inks.line(position) for position in range(len(window.nodes))]
    if len(window.nodes) <= MOST_LINES:
        lines = [Series(*each) for each in zip(window.nodes, values, inks, strict=True)]
    else:
        lines = [*_summary(values, chart.inks)]
        if chart.node in window.nodes:
            lines.append(Series(chart.node, values[window.nodes.index(chart.node)], chart.inks.line(1)))
    return sorted(lines, key=lambda line: line.name == chart.node)


def _summary(values: NDArray[np.float64], inks: Inks) -> Iterator[Series]:
    known = np.isfinite(values).any(axis=0)
    for name, percent, position in (("highest", 100, 0), ("median", 50, 2), ("lowest", 0, 3)):
        line = np.full(values.shape[1], np.nan)
        if known.any():
            line[known] = np.nanpercentile(values[:, known], percent, axis=0)
        yield Series(name, line, inks.line(position))


def legend(view: ViewState, chart: ChartView) -> Line:
    """Which colour is which node, with its newest figure."""
    spans: list[Span] = [(f" {chart.metric.label}", "strong"), (f"  {chart.metric.unit}  ", "muted")]
    for line in sorted(series(view, chart), key=lambda line: line.name):
        newest = _newest(view, chart, line)
        colour = ink_style(line.ink)
        spans.append((f" {view.glyphs.up} ", colour))
        spans.append((f"{line.name} ", "strong" if line.name == chart.node else "plain"))
        spans.append((f"{figure(newest, chart.metric.unit, unknown=view.glyphs.unknown):<7}", "muted"))
    return tuple(spans)


def _newest(view: ViewState, chart: ChartView, line: Series) -> float:
    """The figure of a node as everywhere on the screen; of a line of many nodes, its newest value."""
    if line.name in view.snapshot.frame.nodes:
        return view.snapshot.frame.value(line.name, chart.metric.name)
    return float(line.values[-1]) if len(line.values) else float("nan")


def draw(view: ViewState, chart: ChartView, width: int, height: int) -> list[Line]:
    """The chart as `height` lines of `width` cells."""
    lines = series(view, chart)
    now_s = view.snapshot.frame.time_s
    times_s = view.snapshot.window.times_s
    ages = times_s[times_s >= now_s - chart.span_s] - now_s
    if len(ages) < 2 or not any(np.isfinite(line.values).any() for line in lines):
        return [((" no figures yet", "muted"),)]
    # The first paint, which has no figures to draw yet, does not wait for this import.
    from textual_plotext.plot import Plot

    plot = Plot()
    plot.theme("clear")
    plot.plotsize(width, height)
    plot._set_size(width, height)  # noqa: SLF001 - plotsize alone does not do it; textual_plotext's widget does the same
    bottom, top = _limits(lines, chart.metric.unit)
    plot.xlim(-chart.span_s, 0)
    plot.ylim(bottom, top)
    markers = view.glyphs.chart_markers
    for position, line in enumerate(lines):
        for start, stop in _known_stretches(line.values):
            plot.plot(
                list(ages[start:stop]), list(line.values[start:stop]),
                color=line.ink, marker=markers[position % len(markers)],
            )  # fmt: skip
    _axes(plot, chart, (bottom, top, height), view.wall_s(now_s))
    canvas = Canvas.parse(plot.build(), ascii_only=view.glyphs.name == "ascii")
    _mark_normal(canvas, view, chart, (bottom, top))
    _mark_injections(canvas, view, chart, width)
    _mark_events(canvas, view, chart, width)
    return canvas.lines()


def _limits(lines: list[Series], unit: str) -> tuple[float, float]:
    values = np.concatenate([line.values for line in lines])
    lowest = float(values[np.isfinite(values)].min())
    return min(0.0, lowest), ceiling(values, unit)


def _known_stretches(values: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Where a line can be drawn without bridging a gap, as (start, stop)."""
    known = np.concatenate(([False], np.isfinite(values), [False]))
    edges = np.flatnonzero(known[1:] != known[:-1])
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(stop)


def _axes(plot: Plot, chart: ChartView, box: tuple[float, float, int], wall_s: float) -> None:
    bottom, top, height = box
    heights = [bottom + (top - bottom) * part for part in _labelled(height)]
    plot.yticks(heights, [f"{figure(height, chart.metric.unit):>{_LABEL}}" for height in heights])
    # Labels on round times would slide every tick; these stand still.
    ages = [-chart.span_s * part for part in (1.0, 0.75, 0.5, 0.25, 0.0)]
    plot.xticks(ages, [_age(age) for age in ages[:-1]] + [clock(wall_s)])
    plot.xaxes(True, False)  # noqa: FBT003 - plotext's own way
    plot.yaxes(True, False)  # noqa: FBT003 - plotext's own way


def _labelled(height: int) -> tuple[float, ...]:
    """Which heights are labelled, from 0 to 1; labels that share a row would be seen by chance."""
    if height >= _TALL:
        return (0.0, 0.25, 0.5, 0.75, 1.0)
    rows = height - _AXIS_ROWS
    return (0.0, 0.5, 1.0) if rows > 2 else (0.0, 1.0) if rows == 2 else (1.0,)


def _age(age_s: float) -> str:
    return f"{age_s:.0f} s" if age_s > -120 else f"{age_s / 60:.3g} min"


def _column(view: ViewState, chart: ChartView, width: int, time_s: float) -> int:
    """The column of a moment that is not after the newest tick."""
    first, now_s = _LABEL + 1, view.snapshot.frame.time_s
    return first + round((1 + (min(time_s, now_s) - now_s) / chart.span_s) * (width - first - 1))


def _mark_injections(canvas: Canvas, view: ViewState, chart: ChartView, width: int) -> None:
    """Shade the time of every injection, and mark it on the time axis for those who see no shade."""
    first = _LABEL + 1
    for each in view.anomaly_marks():
        start, stop = (_column(view, chart, width, moment_s) for moment_s in (each.start_s, each.end_s))
        if each.kind == "injected" and stop >= first:
            label = f"{each.node} {view.anomaly_label(each.anomaly)}"
            columns = range(max(first, start), min(width, stop + 1))
            canvas.shade(columns, label, view.glyphs.mark, chart.inks.shade)


def _mark_normal(canvas: Canvas, view: ViewState, chart: ChartView, limits: tuple[float, float]) -> None:
    """Dotted lines at the figures beyond which the selected node has left its normal."""
    bottom, top = limits
    rows = len(canvas.characters) - _AXIS_ROWS
    for value in thresholds(view.normals, chart.node, chart.metric.name, view.snapshot.window.nodes):
        if bottom <= value <= top and rows > 1 and top > bottom:
            row = round((top - value) / (top - bottom) * (rows - 1))
            canvas.dotted(row, _LABEL + 1, view.glyphs.dot)


def _mark_events(canvas: Canvas, view: ViewState, chart: ChartView, width: int) -> None:
    """Signs on the time axis: diagnoses, nodes lost or found, workloads begun or ended, changed parameters."""
    glyphs = view.glyphs
    signs = {
        "diagnosis": glyphs.anomaly,
        "node": glyphs.up,
        "workload": glyphs.running,
        "parameter": glyphs.degraded,
    }
    for event in reversed(view.events):
        sign, column = signs.get(event.kind), _column(view, chart, width, event.time_s)
        if sign is not None and column > _LABEL:
            canvas.put(len(canvas.characters) - _AXIS_ROWS, column, sign)
