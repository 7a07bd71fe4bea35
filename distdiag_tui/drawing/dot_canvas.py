"""A drawing of lines, discs and text, in the dots of braille, in quarter blocks, or in characters of ASCII."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from distdiag_tui.drawing.lines import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_tui.drawing.glyphs import GlyphSetName
    from distdiag_tui.drawing.lines import Line, Tone

# Of a line: dotted, thin, or two dots thick.
Stroke = Literal[1, 2, 3]
# By set of glyphs, the columns and rows of dots in a cell.
_DOTS: dict[GlyphSetName, tuple[int, int]] = {"braille": (2, 4), "block": (2, 2), "ascii": (1, 1)}
# By column and row, the bit of a dot of braille (U+2800 and what follows).
_BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
# By the bits of upper left 1, upper right 2, lower left 4, lower right 8.
_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_DOTTED_STEP = 3


class DotCanvas:
    """Cells of which each has dots and one tone; what is drawn later lies on top.

    Args:
        glyphs: the set that decides how many dots a cell has.
    """

    def __init__(self, width: int, height: int, glyphs: GlyphSetName) -> None:
        self.width, self.height = width, height
        self._set: GlyphSetName = glyphs
        self._columns, self._rows = _DOTS[glyphs]
        self._bits = [[0] * width for _ in range(height)]
        self._signs = [[""] * width for _ in range(height)]
        self._tones: list[list[Tone]] = [["muted"] * width for _ in range(height)]

    def line(self, start: tuple[float, float], end: tuple[float, float], stroke: Stroke, tone: Tone) -> None:
        """A straight line between the middles of two places, given as column and row of cells."""
        (x1, y1), (x2, y2) = self._dot(start), self._dot(end)
        sign = _ascii_sign(x2 - x1, y2 - y1, stroke)
        steps = max(1, math.ceil(max(abs(x2 - x1), abs(y2 - y1))))
        steep = abs(y2 - y1) > abs(x2 - x1)
        for step in range(steps + 1):
            if stroke == 1 and step % _DOTTED_STEP:
                continue
            x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
            self._set_dot(x, y, sign, tone)
            if stroke == 3 and self._set != "ascii":
                self._set_dot(x + steep, y + (not steep), sign, tone)

    def disc(self, middle: tuple[float, float], radius: float, tone: Tone) -> None:
        """A filled disc; `radius` in cells of height one half, which are about square."""
        x, y = self._dot(middle)
        # So many dots are as wide, and as high, as half the height of a cell.
        across, down = self._columns, self._rows / 2
        for column in range(math.floor(x - radius * across), math.ceil(x + radius * across) + 1):
            for row in range(math.floor(y - radius * down), math.ceil(y + radius * down) + 1):
                if ((column - x) / across) ** 2 + ((row - y) / down) ** 2 <= radius**2:
                    self._set_dot(column, row, "O", tone)
        self._set_dot(x, y, "O", tone)

    def text(self, column: int, row: int, text: str, tone: Tone) -> None:
        """Text over the drawing, cut at the edges."""
        if not 0 <= row < self.height:
            return
        for at, character in enumerate(clean(text), start=column):
            if 0 <= at < self.width:
                self._signs[row][at], self._tones[row][at] = character, tone

    def lines(self) -> list[Line]:
        """Neighbours of one tone in one span."""
        return [
            tuple(
                ("".join(sign for sign, _ in group), tone)
                for tone, group in groupby(self._cells(row), key=lambda cell: cell[1])
            )
            for row in range(self.height)
        ]

    def _cells(self, row: int) -> Iterator[tuple[str, Tone]]:
        for sign, bits, tone in zip(self._signs[row], self._bits[row], self._tones[row], strict=True):
            yield sign or self._drawn(bits), tone

    def _drawn(self, bits: int) -> str:
        if not bits:
            return " "
        return chr(0x2800 + bits) if self._set == "braille" else _QUARTERS[bits] if self._set == "block" else "?"

    def _dot(self, place: tuple[float, float]) -> tuple[float, float]:
        return (place[0] + 0.5) * self._columns - 0.5, (place[1] + 0.5) * self._rows - 0.5

    def _set_dot(self, x: float, y: float, sign: str, tone: Tone) -> None:
        dot_x, dot_y = round(x), round(y)
        column, row = dot_x // self._columns, dot_y // self._rows
        if not (0 <= column < self.width and 0 <= row < self.height):
            return
        self._tones[row][column] = tone
        if self._set == "ascii":
            self._signs[row][column] = sign
        elif self._set == "braille":
            self._bits[row][column] |= _BRAILLE[dot_x % self._columns][dot_y % self._rows]
        else:
            self._bits[row][column] |= 1 << (dot_x % self._columns + 2 * (dot_y % self._rows))


def _ascii_sign(right: float, down: float, stroke: Stroke) -> str:
    """The character that a line of this slope is made of."""
    if stroke != 2:
        return "." if stroke == 1 else "#"
    if abs(down) <= abs(right) / 3:
        return "-"
    if abs(right) <= abs(down) / 3:
        return "|"
    return "\\" if (right > 0) == (down > 0) else "/"
