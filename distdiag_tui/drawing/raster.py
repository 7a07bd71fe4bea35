"""Lines over time drawn with signs of several dots a cell: braille, quadrants of blocks, or one marker a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from distdiag_tui.drawing.glyphs import Glyphs

# The bits of the dots of a braille cell, by column and from the top.
_BRAILLE = np.array([[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]])
_QUADRANTS = " ▘▖▌▝▀▞▛▗▚▄▙▐▜▟█"
_QUADRANT_BITS = np.array([[1, 2], [4, 8]])
_ONE_DOT = np.array([[1]])


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was drawn, by cell.

    Attributes:
        signs: rows of characters.
        owners: rows of cells; the position of the line that lies on top in each cell, -1 where there is none.
    """

    signs: tuple[str, ...]
    owners: list[list[int]]


def dots(glyphs: Glyphs) -> tuple[int, int]:
    """How many dots a cell has across and down."""
    bits = _bits(glyphs)
    return bits.shape[0], bits.shape[1]


def draw(heights: Sequence[NDArray[np.float64]], rows: int, glyphs: Glyphs) -> Drawing:
    """Lines as signs; later lines lie on top.

    Args:
        heights: a line each, one height from 0 to 1 for every column of dots; NaN leaves a gap.
        rows: of cells.
    """
    _, down = dots(glyphs)
    return draw_reaches([_reach(line, rows * down) for line in heights], rows, glyphs)


def draw_reaches(lines: Sequence[Sequence[tuple[int, int]]], rows: int, glyphs: Glyphs) -> Drawing:
    """Lines as signs; later lines lie on top.

    Args:
        lines: for every column of dots the lowest and the highest dot, counted from below; low over high for a gap.
        rows: of cells.
    """
    # Plain lists, since an array takes several times as long to change dot by dot.
    bits: list[list[int]] = _bits(glyphs).tolist()
    across, down = len(bits), len(bits[0])
    cells = len(lines[0]) // across
    masks = [[0] * cells for _ in range(rows)]
    owners = [[-1] * cells for _ in range(rows)]
    for position, line in enumerate(lines):
        for column, (low, high) in enumerate(line):
            if high < low:
                continue
            cell, part = divmod(column, across)
            for dot in range(low, high + 1):
                row, within = divmod(rows * down - 1 - dot, down)
                masks[row][cell] |= bits[part][within]
                owners[row][cell] = position
    return Drawing(tuple(_signs(masks, owners, glyphs)), owners)


def stretches(signs: str, keys: Sequence[int]) -> Iterator[tuple[str, int]]:
    """The parts of a row of signs that have one key."""
    start = 0
    for at in range(1, len(signs)):
        if keys[at] != keys[start]:
            yield signs[start:at], keys[start]
            start = at
    if signs:
        yield signs[start:], keys[start]


def coloured(owners: Sequence[int]) -> list[int]:
    """Whose colour each cell has; a blank has that of its neighbour, because every change of colour costs bytes."""
    colours: list[int] = []
    owner = 0
    for each in owners:
        owner = each if each >= 0 else owner
        colours.append(owner)
    return colours


def _reach(line: NDArray[np.float64], dots_high: int) -> list[tuple[int, int]]:
    """For each column the lowest and the highest dot, joined to the column before; low over high for a gap."""
    known = np.isfinite(line)
    at = np.clip(np.rint(np.where(known, line, 0.0) * (dots_high - 1)), 0, dots_high - 1).astype(int).tolist()
    found: list[tuple[int, int]] = []
    before: int | None = None
    for height, seen in zip(at, known.tolist(), strict=True):
        if not seen:
            found.append((1, 0))
            before = None
        elif before is None or height == before:
            found.append((height, height))
            before = height
        else:
            found.append((before + 1, height) if before < height else (height, before - 1))
            before = height
    return found


def _bits(glyphs: Glyphs) -> NDArray[np.int64]:
    return {"braille": _BRAILLE, "block": _QUADRANT_BITS}.get(glyphs.name, _ONE_DOT)


def _signs(masks: list[list[int]], owners: list[list[int]], glyphs: Glyphs) -> list[str]:
    if glyphs.name == "braille":
        return ["".join(chr(0x2800 + mask) if mask else " " for mask in row) for row in masks]
    if glyphs.name == "block":
        return ["".join(_QUADRANTS[mask] for mask in row) for row in masks]
    markers = glyphs.chart_markers
    return ["".join(markers[owner % len(markers)] if owner >= 0 else " " for owner in row) for row in owners]
