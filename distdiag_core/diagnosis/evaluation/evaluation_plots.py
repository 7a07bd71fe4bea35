"""Plots of an evaluation as SVG, drawn without a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Safe for the colour-blind.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#999999")
_FONT = 'font-family="sans-serif" font-size="12"'
_BAR, _GAP, _LEFT, _WIDTH, _TOP = 14, 10, 240, 400, 30
_SIDE, _MARGIN = 260, 40


def bars(title: str, series: Mapping[str, Mapping[str, float | None]]) -> str:
    """Bar chart: a horizontal bar from 0 to 1 for each name and each series."""
    names = list(dict.fromkeys(name for each in series.values() for name in each))
    step = _BAR * len(series) + _GAP
    parts = [_text(_LEFT, 18, title)]
    for place, label in enumerate(series):
        x = _LEFT + 80 + 120 * place
        parts += [_rectangle(x, 8, 12, 12, _COLOURS[place % len(_COLOURS)]), _text(x + 16, 18, label)]
    for row, name in enumerate(names):
        y = _TOP + row * step
        parts.append(_text(_LEFT - 8, y + step / 2, name, anchor="end"))
        for place, each in enumerate(series.values()):
            if (value := each.get(name)) is not None:
                top = y + _BAR * place
                parts.append(_rectangle(_LEFT, top, _WIDTH * value, _BAR - 2, _COLOURS[place % len(_COLOURS)]))
                parts.append(_text(_LEFT + _WIDTH * value + 4, top + _BAR - 3, f"{value:.2f}"))
    return _svg(_LEFT + _WIDTH + 60, _TOP + max(1, len(names)) * step, parts)


def reliability(bins: Sequence[Mapping[str, Any]]) -> str:
    """Reliability diagram: the share that was right by confidence, on the diagonal where confidence is calibrated."""
    low, high = _MARGIN, _MARGIN + _SIDE
    parts = [
        f'<rect x="{low}" y="{low}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999999"/>',
        f'<line x1="{low}" y1="{high}" x2="{high}" y2="{low}" stroke="#999999" stroke-dasharray="4"/>',
        _text(low, low - 10, "share that was right"),
        _text(high, high + 18, "confidence", anchor="end"),
    ]
    for each in bins:
        x, y = low + _SIDE * each["confidence"], high - _SIDE * each["right"]
        radius = 3 + 12 * float(each["weight"]) ** 0.5
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_COLOURS[0]}" fill-opacity="0.6"/>')
    return _svg(_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN, parts)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" {_FONT}>'
    return f'{head}\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
