"""Line charts below each other on one axis of time, with stretches shaded and moments marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.svg.markup import ALARM, CALM, GREY, INK, document, harmless, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

_WIDTH, _LEFT, _RIGHT = 960, 70, 24
_PLOT = _WIDTH - _LEFT - _RIGHT
_HEAD, _ROW, _PANEL, _GAP, _BOTTOM = 70, 14, 96, 34, 40
_MARK_ROWS = 3
_MOST_TICKS = 8
_TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
# What a character of a label takes at most.
_LABEL_CHAR = 6.5
# A line has at most two points for each of so many columns: the lowest and the highest value there.
_POINT_COLUMNS = _PLOT
# Where all values lie within this share of the highest one, the axis does not begin at zero.
_FLAT = 0.25
_OVER = 0.02
_SHADE, _BAR = "#f6d9a8", "#e0a84f"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One line; NaN where nothing is known.

    Attributes:
        strong: the line that the chart is about.
    """

    name: str
    values: NDArray[np.float32]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart.

    Attributes:
        figure: a value with its unit, as on the axis.
    """

    title: str
    series: tuple[Series, ...]
    figure: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A shaded stretch of time."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A marked moment."""

    time_s: float
    label: str


def svg(
    title: str,
    times_s: NDArray[np.float64],
    panels: Sequence[Panel],
    clock: Callable[[float], str],
    *,
    stretches: Sequence[Stretch] = (),
    moments: Sequence[Moment] = (),
) -> str:
    """The charts as the text of an SVG file.

    Args:
        times_s: the times of the values in seconds since the epoch, rising; at least one.
        clock: a time in words, as on the axis.
    """
    axis = _Axis(float(times_s[0]), float(times_s[-1]))
    seen = [each for each in stretches if each.end_s >= axis.first_s and each.start_s <= axis.last_s]
    marked = sorted((each for each in moments if axis.shows(each.time_s)), key=lambda each: each.time_s)
    strip = _HEAD + _ROW * min(_MARK_ROWS, len(marked))
    top = strip + _ROW * len(seen) + 26
    lines = [text(24, 32, title, size=18, fill=INK), *_legend(panels)]
    lines += _moment_labels(marked, axis)
    lines += _bars(strip, seen, axis)
    for panel in panels:
        lines += _panel(top, panel, times_s, axis, seen, marked)
        top += _PANEL + _GAP
    lines += _clock(top - _GAP, axis, clock)
    return document(_WIDTH, top - _GAP + _BOTTOM, lines)


@dataclass(frozen=True, slots=True)
class _Axis:
    first_s: float
    last_s: float

    def x(self, time_s: float) -> float:
        share = (time_s - self.first_s) / max(self.last_s - self.first_s, 1e-9)
        return _LEFT + _PLOT * min(max(share, 0.0), 1.0)

    def shows(self, time_s: float) -> bool:
        return self.first_s <= time_s <= self.last_s


def _legend(panels: Sequence[Panel]) -> Iterator[str]:
    x = float(_LEFT)
    for number, each in enumerate(panels[0].series if panels else ()):
        colour, width = _look(each, number)
        yield f'<line x1="{x:.1f}" y1="52" x2="{x + 18:.1f}" y2="52" stroke="{colour}" stroke-width="{width}"/>'
        yield text(x + 24, 56, each.name, fill=INK if each.strong else GREY, bold=each.strong)
        x += 44 + 7.5 * len(each.name)


def _bars(top: float, stretches: Sequence[Stretch], axis: _Axis) -> Iterator[str]:
    """Each stretch as a bar with its name, since shades that lie over each other cannot be told apart."""
    for row, each in enumerate(stretches):
        y, start, end = top + row * _ROW, axis.x(each.start_s), axis.x(each.end_s)
        yield f'<rect x="{start:.1f}" y="{y:.1f}" width="{max(1.0, end - start):.1f}" height="9" fill="{_BAR}"/>'
        right = end + 6 + _LABEL_CHAR * len(each.label) < _WIDTH
        yield text(end + 6 if right else start - 6, y + 9, each.label, size=11, anchor="start" if right else "end")


def _panel(
    top: float,
    panel: Panel,
    times_s: NDArray[np.float64],
    axis: _Axis,
    stretches: Sequence[Stretch],
    moments: Sequence[Moment],
) -> Iterator[str]:
    low, high = _scale(panel.series)
    yield text(_LEFT, top - 6, panel.title, size=13, fill=INK)
    for each in stretches:
        x = axis.x(each.start_s)
        yield (
            f'<rect x="{x:.1f}" y="{top}" width="{max(1.0, axis.x(each.end_s) - x):.1f}" height="{_PANEL}" '
            f'fill="{_SHADE}" fill-opacity="0.5"><title>{harmless(each.label)}</title></rect>'
        )
    for share in (0.0, 0.5, 1.0):
        y = top + _PANEL * (1 - share)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _PLOT}" y2="{y:.1f}" stroke="#dddddd"/>'
        yield text(_LEFT - 6, y + 4, panel.figure(low + share * (high - low)), size=11, anchor="end")
    for moment in moments:
        x = axis.x(moment.time_s)
        yield (
            f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{top + _PANEL}" stroke="{GREY}" '
            f'stroke-dasharray="4 3"><title>{harmless(moment.label)}</title></line>'
        )
    # The strong line lies on top.
    for number, line in sorted(enumerate(panel.series), key=lambda pair: pair[1].strong):
        colour, width = _look(line, number)
        for points in _points(times_s, line.values, axis, lambda value: top + _PANEL * (high - value) / (high - low)):
            yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _look(series: Series, number: int) -> tuple[str, float]:
    """Colour and width of a line."""
    others = (CALM, "#7aa874", "#8e7cc3", "#4f9d9d", "#b08d57", "#888888")
    return (ALARM, 2.4) if series.strong else (others[number % len(others)], 1.2)


def _scale(series: Sequence[Series]) -> tuple[float, float]:
    """The lowest and the highest value of the axis."""
    values = np.concatenate([each.values for each in series]) if series else np.empty(0, dtype=np.float32)
    known = values[np.isfinite(values)].astype(float)
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if low >= 0 and high - low > _FLAT * high:
        low = 0.0
    if high - low < 1e-9:
        # A line alone lies in the middle; one at zero lies at the bottom.
        return (low - abs(low) / 2, high + abs(high) / 2) if high else (0.0, 1.0)
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    # A percent over 100 % is no reason for an axis up to 200 %.
    step = next(size * step for size in (1, 2, 2.5, 5, 10, 20) if (high - low) / (size * step) <= 4 + _OVER)
    low = math.floor(low / step) * step
    # An even number of steps, so that the line in the middle is a round figure as well.
    return low, low + 2 * step * math.ceil((high - low) / (2 * step) - _OVER)


def _points(
    times_s: NDArray[np.float64], values: NDArray[np.float32], axis: _Axis, y: Callable[[float], float]
) -> Iterator[str]:
    """The points of each stretch in which values are known."""
    known = np.isfinite(values)
    ends = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    for start, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        places = start + _extremes(times_s[start:end], values[start:end], axis)
        pairs = [f"{axis.x(float(times_s[each])):.1f},{y(float(values[each])):.1f}" for each in places.tolist()]
        # A value alone is a short line.
        yield " ".join(pairs if len(pairs) > 1 else [pairs[0], pairs[0]])


def _extremes(times_s: NDArray[np.float64], values: NDArray[np.float32], axis: _Axis) -> NDArray[np.intp]:
    """The positions of the lowest and the highest value of each column of the picture; all where they are few."""
    if len(values) <= 2 * _POINT_COLUMNS:
        return np.arange(len(values))
    column = ((times_s - axis.first_s) / (axis.last_s - axis.first_s) * _POINT_COLUMNS).astype(np.intp)
    begins = np.flatnonzero(np.diff(column, prepend=-1))
    order = np.lexsort((values, column))
    ends = np.append(begins[1:], len(values)) - 1
    return np.unique(np.concatenate((order[begins], order[ends])))


def _moment_labels(moments: Sequence[Moment], axis: _Axis) -> Iterator[str]:
    """The names of the moments above the charts, on several rows, since moments may lie close together."""
    for number, each in enumerate(moments):
        x = axis.x(each.time_s)
        anchor = "end" if x > _WIDTH - _LABEL_CHAR * len(each.label) else "start"
        yield text(x, _HEAD + 6 + _ROW * (number % _MARK_ROWS), each.label, size=11, anchor=anchor)


def _clock(y: float, axis: _Axis, clock: Callable[[float], str]) -> Iterator[str]:
    """The axis of time, at round times."""
    span_s = axis.last_s - axis.first_s
    step_s = next((each for each in _TICK_STEPS_S if span_s / each <= _MOST_TICKS), _TICK_STEPS_S[-1] * 7)
    first = math.ceil(axis.first_s / step_s)
    for number in range(first, math.floor(axis.last_s / step_s) + 1):
        x = axis.x(number * step_s)
        yield f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 5}" stroke="{GREY}"/>'
        yield text(x, y + 20, clock(number * step_s), size=11, anchor="middle")
