"""The base of every screen that others may lie over."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

from distdiag_tui.drawing.textual_internals import is_seen_through, repaint_from_below

Result = TypeVar("Result")


class LayeredScreen(Screen[Result]):
    """Under a dialog that it is seen through, it has only what changed painted again.

    Textual has the whole terminal painted again there, at each change of the lower screen.
    """

    def _compositor_refresh(self) -> None:
        """Hand what changed to the screen on top; private to Textual, which has no other place for it."""
        if is_seen_through(self.app, self):
            repaint_from_below(self.app.screen, self)
        else:
            super()._compositor_refresh()
