"""The screen that is seen through a dialog."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.visual import Visual

from distdiag_tui.drawing.textual_internals import lines_of

if TYPE_CHECKING:
    from rich.style import Style as RichStyle
    from textual.color import Color
    from textual.css.styles import RulesMap
    from textual.style import Style
    from textual.visual import RenderOptions

# A screen has some dozens.
_STYLES = 512


class DimmedScreen(Visual):
    """The lines of the screen below, in Textual's own colours for it.

    Textual mixes the colours anew for each run of text, and cuts the lines into cells once more.
    """

    def __init__(self, background: BackgroundScreen) -> None:
        self._screen, self._colour = background.screen, background.color

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """The lines as they are now."""
        base = style.rich_style
        return [
            Strip([Segment(text, base + _dimmed(own, self._colour)) for text, own, _ in line], line.cell_length)
            for line in lines_of(self._screen)
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """That of the terminal."""
        return self._screen.size.width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """That of the terminal."""
        return self._screen.size.height


@lru_cache(maxsize=_STYLES)
def _dimmed(style: RichStyle | None, colour: Color) -> RichStyle | None:
    (dimmed,) = BackgroundScreen.process_segments([Segment(" ", style)], colour)
    return dimmed.style
