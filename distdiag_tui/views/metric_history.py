"""The chart of a metric over hours or days, from the recordings: every extreme is seen, and gaps stay gaps."""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.recording.time_series_extremes import Extremes
from distdiag_tui.drawing import raster
from distdiag_tui.drawing.format import figure
from distdiag_tui.drawing.lines import Line, Span, fit
from distdiag_tui.drawing.sparklines import ceiling
from distdiag_tui.drawing.theme import Inks, ink_style
from distdiag_tui.views.chart import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.recording.metric_history import MetricHistory
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.drawing.theme import Ink

SPANS_S = (3600.0, 21_600.0, 86_400.0, 604_800.0)
_NAMES = ("1 h", "6 h", "24 h", "7 d")
_DAYS_FROM_S = 172_800.0
_SECONDS_BELOW_S = 900.0
_LABEL = 7
# Legend, marks, time axis and the line that says how far it is.
_OTHER_ROWS = 4
_LABELS = 5
_LEAST_WIDTH = 24


def span_name(span: int, shown_s: float) -> str:
    """For instance `24 h`; less is shown where the recording of a replay begins later.

    Args:
        shown_s: the time that the chart has.
    """
    return _NAMES[span] if shown_s >= SPANS_S[span] else "since its start"


def columns(glyphs: Glyphs, width: int) -> int:
    """How many columns of dots the chart has in so many cells."""
    return max(1, width - _LABEL) * raster.dots(glyphs)[0]


def lines(
    history: MetricHistory,
    metric: Metric,
    node: str,
    inks: Inks,
    glyphs: Glyphs,
    size: tuple[int, int],
    marks: Sequence[AnomalyMark] = (),
) -> list[Line]:
    """Legend, chart, what was injected and diagnosed, time axis and how far reading is, in a size of cells."""
    width, height = size
    rows = height - _OTHER_ROWS
    if rows < 2 or width < _LEAST_WIDTH:
        return [((fit(" too small a place for a chart", width), "muted"),)]
    drawn = series(history.extremes, node)
    known = [history.extremes.highest[np.isfinite(history.extremes.highest)], np.zeros(1)]
    status = _status(history, marks, glyphs)
    if len(known[0]) == 0:
        said = " no figures in the recordings of this time" if history.done >= 1 else " reading ..."
        return [_legend(drawn, metric, node, inks, glyphs), ((said, "muted"),), *[()] * (rows - 1), status]
    top = ceiling(np.concatenate(known), metric.unit)
    bottom = min(0.0, float(np.nanmin(history.extremes.lowest)))
    down = raster.dots(glyphs)[1] * rows
    bridge = math.ceil(2 * history.interval_s / history.extremes.column_s)
    reached = [reaches(each, 0, (bottom, top), down, bridge) for _, each, _ in drawn]
    drawing = raster.draw_reaches(reached, rows, glyphs)
    colours = [inks.line(position) for _, _, position in drawn]
    body = [
        (_label(row, rows, (bottom, top), metric.unit), *_cells(signs, owners, colours))
        for row, (signs, owners) in enumerate(zip(drawing.signs, drawing.owners, strict=True))
    ]
    below = (_marks(history.extremes, marks, glyphs, width), _axis(history.extremes, width), status)
    return [_legend(drawn, metric, node, inks, glyphs), *body, *below]


def series(extremes: Extremes, node: str) -> list[tuple[str, Extremes, int]]:
    """The lines with the positions of their colours, the chosen node last; of many nodes it and the range of all."""
    names = extremes.nodes
    if len(names) <= MOST_LINES:
        found = [(name, _row(extremes, at), at) for at, name in enumerate(names)]
    else:
        highest, lowest = (_flat(extremes, each) for each in (_fmax(extremes.highest), _fmin(extremes.lowest)))
        found = [("highest", highest, 0), ("lowest", lowest, 3)]
        if node in names:
            found.append((node, _row(extremes, names.index(node)), 1))
    return sorted(found, key=lambda each: each[0] == node)


def reaches(
    extremes: Extremes, row: int, limits: tuple[float, float], dots_high: int, bridge: int
) -> list[tuple[int, int]]:
    """For each column the lowest and the highest dot, joined to the column before; low over high for a gap.

    Args:
        bridge: columns that are no farther apart are neighbours in time.
    """
    first, last, lowest, highest = (
        _dots(each[row], limits, dots_high)
        for each in (extremes.first, extremes.last, extremes.lowest, extremes.highest)
    )
    found = [(1, 0)] * extremes.columns
    before: int | None = None
    for column in np.flatnonzero(np.isfinite(extremes.lowest[row])).tolist():
        low, high = lowest[column], highest[column]
        if before is not None and column - before <= max(1, bridge):
            step = (first[column] - last[before]) / (column - before)
            reached = last[before]
            for between in range(before + 1, column):
                height = round(last[before] + step * (between - before))
                found[between] = (min(height, reached + 1), max(height, reached - 1))
                reached = height
            low, high = min(low, reached + 1), max(high, reached - 1)
        found[column] = (low, high)
        before = column
    return found


def _dots(values: NDArray[np.float64], limits: tuple[float, float], dots_high: int) -> list[int]:
    bottom, top = limits
    share = (np.nan_to_num(values, nan=bottom) - bottom) / max(top - bottom, 1e-9)
    dots: list[int] = np.rint(np.clip(share, 0, 1) * (dots_high - 1)).astype(int).tolist()
    return dots


def _row(extremes: Extremes, at: int) -> Extremes:
    parts = (each[at : at + 1] for each in (extremes.first, extremes.last, extremes.lowest, extremes.highest))
    return Extremes((extremes.nodes[at],), extremes.start_s, extremes.end_s, *parts)


def _flat(extremes: Extremes, values: NDArray[np.float64]) -> Extremes:
    return Extremes(("",), extremes.start_s, extremes.end_s, *([values[np.newaxis]] * 4))


def _fmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.fmax.reduce(values, axis=0)
    return result


def _fmin(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.fmin.reduce(values, axis=0)
    return result


def _legend(drawn: Sequence[tuple[str, Extremes, int]], metric: Metric, node: str, inks: Inks, glyphs: Glyphs) -> Line:
    """Which colour is which line, with its lowest and its highest value."""
    spans: list[Span] = [(f" {metric.label}", "strong"), (f"  {metric.unit}  ", "muted")]
    for name, each, position in sorted(drawn, key=lambda line: line[2]):
        spans += [
            (f" {glyphs.up} ", ink_style(inks.line(position))),
            (f"{name} ", "strong" if name == node else "plain"),
        ]
        if np.isfinite(each.lowest).any():
            low, high = (
                figure(float(value), metric.unit) for value in (np.nanmin(each.lowest), np.nanmax(each.highest))
            )
            spans.append((f"{low}{glyphs.span}{high} ", "muted"))
    return tuple(spans)


def _label(row: int, rows: int, limits: tuple[float, float], unit: str) -> Span:
    bottom, top = limits
    labelled = {0: top, rows - 1: bottom} | (
        {rows // 2: top - (top - bottom) * (rows // 2) / (rows - 1)} if rows > 4 else {}
    )
    text = figure(labelled[row], unit) if row in labelled else ""
    return f"{text:>{_LABEL - 1}} ", "muted"


def _axis(extremes: Extremes, width: int) -> Line:
    """The wall clock under the chart, with the day where it takes days, and seconds where it takes minutes."""
    whole_s = extremes.end_s - extremes.start_s
    shape = "%d %b" if whole_s >= _DAYS_FROM_S else "%H:%M" if whole_s >= _SECONDS_BELOW_S else "%H:%M:%S"
    cells = width - _LABEL
    row = [" "] * width
    for at in range(_LABELS):
        share = at / (_LABELS - 1)
        moment_s = extremes.start_s + share * (extremes.end_s - extremes.start_s)
        text = time.strftime(shape, time.localtime(moment_s))
        start = _LABEL + min(max(0, round(share * cells) - len(text) // 2), cells - len(text))
        row[start : start + len(text)] = text
    return (("".join(row), "muted"),)


def _marks(extremes: Extremes, marks: Sequence[AnomalyMark], glyphs: Glyphs, width: int) -> Line:
    """A sign under each cell in whose time an anomaly was injected or diagnosed on any node; of a short one, one."""
    cells = width - _LABEL
    covered = {"injected": set[int](), "diagnosed": set[int]()}
    for each in marks:
        first, last = (
            math.floor((moment_s - extremes.start_s) / (extremes.end_s - extremes.start_s) * cells)
            for moment_s in (each.start_s, each.end_s)
        )
        covered[each.kind].update(range(max(0, first), min(cells - 1, last) + 1))
    signs: dict[tuple[bool, bool], Span] = {
        (False, False): (" ", "plain"),
        (True, False): (glyphs.injected, "accent"),
        (False, True): (glyphs.diagnosed, "warn"),
        (True, True): (glyphs.both, "good"),
    }
    found = [signs[cell in covered["injected"], cell in covered["diagnosed"]] for cell in range(cells)]
    runs = [(tone, "".join(sign for sign, _ in run)) for tone, run in groupby(found, key=lambda span: span[1])]
    return ((" " * _LABEL, "plain"), *((text, tone) for tone, text in runs))


def _status(history: MetricHistory, marks: Sequence[AnomalyMark], glyphs: Glyphs) -> Line:
    if history.done < 1:
        return ((f" reading the recordings: {history.done:.0%}", "warn"),)
    if history.unread:
        return ((f" not read: {'; '.join(history.unread)}", "bad"),)
    column_s = history.extremes.column_s
    if column_s < history.interval_s:
        said = " every tick"
    else:
        known = np.isfinite(history.extremes.lowest).any(axis=0).mean()
        said = f" lowest to highest of each {column_s:.0f} s, {known:.0%} recorded"
    if history.backfilled:
        named = ", ".join(f"{count} columns by {source}" for source, count in sorted(history.backfilled.items()))
        said += f"; {named}, a figure every few minutes"
    counted = Counter(each.kind for each in marks)
    signs: list[Span] = []
    if marks:
        signs = [
            (f"  {glyphs.injected} {counted['injected']} injected", "accent"),
            (f"  {glyphs.diagnosed} {counted['diagnosed']} diagnosed", "warn"),
        ]
    return ((said, "muted"), *signs)


def _cells(signs: str, owners: Sequence[int], colours: Sequence[Ink]) -> list[Span]:
    """One row of cells."""
    return [(part, ink_style(colours[key])) for part, key in raster.stretches(signs, raster.coloured(owners))]
