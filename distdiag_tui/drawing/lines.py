"""Lines of styled text as plain values: what the line widgets show, and what they compare."""

from __future__ import annotations

import textwrap
from typing import Literal, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.style import Style

Tone = Literal[
    "plain", "muted", "strong", "accent", "calm", "good", "warn", "bad", "spark", "injected", "badge", "chip"
]
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
    """A label and a text that goes on under itself; only the space at which a line ends is lost, however narrow."""
    room = max(16, width - cell_len(label) - 1)
    wrapped = [
        piece.removeprefix(" ") if after else piece
        for line in text.splitlines() or [""]
        for after, piece in enumerate(
            textwrap.wrap(clean(line), room, break_on_hyphens=False, drop_whitespace=False) or [""]
        )
    ]
    return [((label if at == 0 else " " * len(label), "muted"), (piece, tone)) for at, piece in enumerate(wrapped)]


def width_of(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


# Between two changes so near each other, going on costs less than moving the cursor and naming the colours again.
_NEAR_CELLS = 8


def changed_runs(old: Line, new: Line, width: int) -> list[tuple[int, int]]:
    """What must be painted to turn one version of a line into the other: first cell and number of cells of each run."""
    if old == new:
        return []
    before, after = _cells(old), _cells(new)
    if before is None or after is None:
        return [(0, width)]
    runs: list[list[int]] = []
    blank = (" ", "plain")
    for at in range(min(width, max(len(before), len(after)))):
        if (before[at] if at < len(before) else blank) == (after[at] if at < len(after) else blank):
            continue
        if runs and at - runs[-1][1] <= _NEAR_CELLS:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    return [(start, stop - start) for start, stop in runs]


def _cells(line: Line) -> list[tuple[str, Tone | Style]] | None:
    """Every cell with its tone; None where a character takes another number of cells than one."""
    if any(cell_len(text) != len(text) for text, _ in line):
        return None
    return [(character, tone) for text, tone in line for character in text]
