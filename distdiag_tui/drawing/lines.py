"""Lines of styled text as plain values: what the line widgets show, and what they compare."""

from __future__ import annotations

import textwrap
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def fitting_parts(parts: Iterable[str], separator: str, width: int) -> str:
    """The parts in their order, each one only where it has room as a whole beside those before it."""
    said = ""
    for part in parts:
        longer = f"{said}{separator}{part}" if said else part
        if cell_len(longer) <= width:
            said = longer
    return said


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
    if not (_has_single_cells(old) and _has_single_cells(new)):
        return [(0, width)]
    pairs = enumerate(zip(old, new, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
    skipped = sum(len(text) for text, _ in old[:same])
    before, after = _cells(old[same:]), _cells(new[same:])
    runs: list[list[int]] = []
    cells = zip_longest(before, after, fillvalue=(" ", "plain"))
    for at, (one, other) in enumerate(islice(cells, max(0, width - skipped)), start=skipped):
        if one == other:
            continue
        if runs and at - runs[-1][1] <= _NEAR_CELLS:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    return [(start, stop - start) for start, stop in runs]


def _has_single_cells(line: Line) -> bool:
    """Whether each character takes one cell."""
    return all(cell_len(text) == len(text) for text, _ in line)


def _cells(line: Line) -> list[Span]:
    """Every cell with its tone."""
    return [(character, tone) for text, tone in line for character in text]
