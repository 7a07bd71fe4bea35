"""Lines of styled text as plain values: what the line widgets show, and what they compare."""

from __future__ import annotations

import textwrap
from typing import Literal, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.style import Style

Tone = Literal["plain", "muted", "strong", "accent", "calm", "good", "warn", "bad", "spark", "badge"]
Span: TypeAlias = tuple[str, Tone | Style]
Line: TypeAlias = tuple[Span, ...]
Align = Literal["left", "right"]

BLANK: Line = ()


def clean(text: str) -> str:
    """Text from outside on one line, without control characters that could move the cursor."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def fit(text: str, width: int, align: Align = "left", *, ellipsis: str = "~") -> str:
    """`text` in exactly `width` cells, wide characters included."""
    text = clean(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, max(0, width - 1)).rstrip() + ellipsis, width) if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


def block(label: str, text: str, width: int, tone: Tone = "plain") -> list[Line]:
    """A label and a text that goes on under itself; no character of it is lost, however narrow."""
    room = max(16, width - cell_len(label) - 1)
    wrapped = [
        piece
        for line in text.splitlines() or [""]
        for piece in textwrap.wrap(clean(line), room, break_on_hyphens=False, drop_whitespace=False) or [""]
    ]
    return [((label if at == 0 else " " * len(label), "muted"), (piece, tone)) for at, piece in enumerate(wrapped)]


def width_of(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def changed_up_to(old: Line, new: Line, width: int) -> int:
    """How many cells, counted from the left, must be painted to turn one version of a line into the other."""
    if old == new:
        return 0
    if len(old) != len(new) or any(cell_len(a[0]) != cell_len(b[0]) for a, b in zip(old, new, strict=True)):
        return width
    kept = 0
    for before, after in zip(reversed(old), reversed(new), strict=True):
        if before != after:
            break
        kept += cell_len(after[0])
    return width_of(new) - kept
