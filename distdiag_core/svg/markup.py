"""The head of an SVG document, and text from outside in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

INK, GREY, ALARM, CALM = "#222222", "#555555", "#d9622b", "#3d7ab5"


def document(width: float, height: float, lines: Iterable[str]) -> str:
    """A document of that size, on white, since the page that shows it may be dark."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">'
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    return "\n".join((head, ground, *lines, "</svg>")) + "\n"


def text(
    x: float, y: float, foreign: str, *, size: int = 12, fill: str = GREY, anchor: str = "start", bold: bool = False
) -> str:
    """A line of text, which may come from outside."""
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}'
    return f"<text {place}>{harmless(foreign)}</text>"


def harmless(foreign: str) -> str:
    """Text from outside, without what would be markup."""
    return escape(printable(foreign))


def printable(foreign: str) -> str:
    """Text from outside, without the control characters that XML forbids."""
    return "".join(each if each.isprintable() else "?" for each in foreign)
