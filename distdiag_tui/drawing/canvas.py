"""A drawing of single cells, made from what plotext prints, that can still be drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, cast

from rich.style import Style
from rich.text import Text

from distdiag_tui.drawing.theme import Ink, ink_style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_tui.drawing.lines import Line

# What plotext draws its axes with, for terminals that have no such signs.
_ASCII_AXES = str.maketrans("┤│└┬─┼", "||++-+")
_AXIS = "─┬┼-+"
_PLAIN = Style.null()


@dataclass(slots=True)
class Canvas:
    """Rows of characters and, of the same shape, their styles."""

    characters: list[list[str]]
    styles: list[list[Style]]

    @classmethod
    def parse(cls, printed: str, *, ascii_only: bool) -> Canvas:
        """What a program printed with colour codes."""
        canvas = cls([], [])
        for text in Text.from_ansi(printed).split("\n"):
            styles = [_PLAIN] * len(text)
            for span in text.spans:
                styles[span.start : span.end] = [cast("Style", span.style)] * (span.end - span.start)
            canvas.characters.append(list(text.plain.translate(_ASCII_AXES) if ascii_only else text.plain))
            canvas.styles.append(styles)
        return canvas

    def shade(self, columns: range, label: str, mark: str, ink: Ink | None) -> None:
        """Put a colour behind these columns, `mark` on the axis, and `label` in the first row that has room."""
        behind = ink_style(behind=ink)
        *drawing, axis, _ = range(len(self.characters))
        for row in drawing:
            for column in self._within(row, columns):
                self.styles[row][column] += behind
        for column in self._within(axis, columns):
            if self.characters[axis][column] in _AXIS:
                self.characters[axis][column] = mark
        for row in drawing:
            cells = list(self._within(row, columns[: len(label)]))
            if len(cells) == len(label) and all(self.characters[row][column] == " " for column in cells):
                for column, character in zip(cells, label, strict=True):
                    self.characters[row][column] = character
                return

    def put(self, row: int, column: int, sign: str) -> None:
        """One sign, in the colour of what is there."""
        if column < len(self.characters[row]):
            self.characters[row][column] = sign

    def dotted(self, row: int, first: int, sign: str) -> None:
        """A dotted line behind what is drawn, from a column to the right edge."""
        for column in range(first + first % 2, len(self.characters[row]), 2):
            if self.characters[row][column] == " ":
                self.characters[row][column] = sign
                self.styles[row][column] = _PLAIN

    def lines(self) -> list[Line]:
        """Neighbours of one style in one span."""
        return [
            tuple(
                ("".join(character for character, _ in group), "muted" if style == _PLAIN else style)
                for style, group in groupby(zip(*row, strict=True), key=lambda cell: cell[1])
            )
            for row in zip(self.characters, self.styles, strict=True)
        ]

    def _within(self, row: int, columns: range) -> Iterable[int]:
        return (column for column in columns if column < len(self.characters[row]))
