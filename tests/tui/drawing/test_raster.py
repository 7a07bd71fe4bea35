from __future__ import annotations

import numpy as np

from distdiag_tui.drawing import raster
from distdiag_tui.drawing.glyphs import SETS


def line(*heights: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(heights)


def test_the_lowest_and_the_highest_dots_are_at_the_edges() -> None:
    assert raster.draw([line(0.0, 0.0)], 1, SETS["braille"]).signs == ("⣀",)
    assert raster.draw([line(1.0, 1.0)], 2, SETS["braille"]).signs == ("⠉", " ")
    assert raster.draw([line(0.0, 1.0)], 1, SETS["block"]).signs == ("▞",)


def test_steps_are_joined_and_gaps_are_not() -> None:
    (sign,) = raster.draw([line(0.0, 1.0)], 1, SETS["braille"]).signs
    assert sign == "⡸"
    nan = float("nan")
    assert raster.draw([line(0.0, 0.0, nan, nan, 0.0, 0.0)], 1, SETS["braille"]).signs == ("⣀ ⣀",)


def test_the_last_line_lies_on_top_and_ascii_tells_lines_apart() -> None:
    drawing = raster.draw([line(0.0, 1.0), line(0.0, 0.0)], 2, SETS["ascii"])
    assert drawing.signs == (" *", "++")
    assert drawing.owners == [[-1, 0], [1, 1]]


def test_a_cell_has_as_many_dots_as_its_signs_can_show() -> None:
    assert [raster.dots(SETS[name]) for name in ("braille", "block", "ascii")] == [(2, 4), (2, 2), (1, 1)]
