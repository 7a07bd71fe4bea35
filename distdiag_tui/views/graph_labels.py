"""Places for the labels of a drawn graph: beside their discs, and on no other disc or label where that is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_tui.drawing.lines import Tone

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A disc and what is to stand beside it.

    Attributes:
        middle: column and row of cells.
        reach: cells from the middle to the label beside it.
        texts: one below the other, what matters most first.
        important: has its place before the others.
    """

    middle: tuple[float, float]
    reach: int
    texts: tuple[tuple[str, Tone], ...]
    important: bool


@dataclass(frozen=True, slots=True)
class PlacedText:
    """One line of a label, and the cell where it begins."""

    column: int
    row: int
    text: str
    tone: Tone


def placed(discs: Sequence[Labelled], width: int, height: int, texts: Sequence[PlacedText] = ()) -> list[PlacedText]:
    """The labels of all discs; where one has no room, its first text alone, and that where it covers least.

    Args:
        width, height: of the drawing, in cells.
        texts: what has its place already.
    """
    taken = {cell for disc in discs for cell in _cells_of(disc)} | _covered(texts)
    found: list[PlacedText] = []
    for disc in sorted(discs, key=lambda each: not each.important):
        tries = [_fitted(each, width, height) for count in (len(disc.texts), 1) for each in _places(disc, count, width)]
        best = min(tries, key=lambda texts: len(taken.intersection(_covered(texts))))
        taken.update(_covered(best))
        found += best
    return found


def _places(disc: Labelled, count: int, width: int) -> Iterator[list[PlacedText]]:
    """Beside the disc on the outer side of the drawing, on the inner side, above it and below it."""
    x, y = round(disc.middle[0]), round(disc.middle[1])
    texts = disc.texts[:count]
    outer_left = disc.middle[0] < width / 2 - 1
    for left in (outer_left, not outer_left):
        yield [
            PlacedText(x - disc.reach - len(text) + 1 if left else x + disc.reach, row, text, tone)
            for row, (text, tone) in enumerate(texts, start=y - 1)
        ]
    half = max(1, disc.reach // 2)
    for first in (y - half - count, y + half + 1):
        yield [PlacedText(x - len(text) // 2, row, text, tone) for row, (text, tone) in enumerate(texts, start=first)]


def _fitted(texts: Sequence[PlacedText], width: int, height: int) -> list[PlacedText]:
    """Moved into the drawing where they stood out of it."""
    down = max(0, -min(each.row for each in texts)) + min(0, height - 1 - max(each.row for each in texts))
    return [
        PlacedText(max(0, min(each.column, width - len(each.text))), each.row + down, each.text, each.tone)
        for each in texts
    ]


def _covered(texts: Sequence[PlacedText]) -> set[Cell]:
    """The cells of the texts; the blanks around them may lie over a line or the edge of a disc."""
    return {(each.column + at, each.row) for each in texts for at, sign in enumerate(each.text) if sign != " "}


def _cells_of(disc: Labelled) -> Iterator[Cell]:
    """The cells of the disc itself, which is about half as high as it is wide."""
    x, y = round(disc.middle[0]), round(disc.middle[1])
    across, down = disc.reach - 1, max(0, (disc.reach - 1) // 2)
    yield from ((x + right, y + below) for right in range(-across, across + 1) for below in range(-down, down + 1))
