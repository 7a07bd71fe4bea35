"""The base of every screen that others may lie over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

from distdiag_tui.drawing.textual_internals import is_seen_through, repaint_from_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from distdiag_tui.console.console import Console
    from distdiag_tui.views.view_state import ViewState

Result = TypeVar("Result")


def uncovered(stack: Sequence[Screen[Any]]) -> list[Screen[Any]]:
    """The topmost screen and those that are seen through or beside it, the topmost first.

    Args:
        stack: the topmost last.
    """
    seen: list[Screen[Any]] = []
    for screen in reversed(stack):
        seen.append(screen)
        if screen.styles.background.a == 1:
            break
    return seen


def size_classes(app: App[Any]) -> list[str]:
    """The classes that a screen has by the size of the terminal, for instance `-narrow` and `-short`."""
    width, height = app.size
    breakpoints = ((width, app.HORIZONTAL_BREAKPOINTS), (height, app.VERTICAL_BREAKPOINTS))
    return [max(each for each in steps if each[0] <= cells)[1] for cells, steps in breakpoints if steps]


class LayeredScreen(Screen[Result]):
    """Under a dialog that it is seen through, it has only what changed painted again.

    Textual has the whole terminal painted again there, at each change of the lower screen.

    Attributes:
        is_behind: whether there was something new while another screen covered it wholly.
        is_shown: False until it has something to show; it is not painted before.
    """

    console: Console
    is_behind = False
    is_shown = True

    @property
    def takes_keys(self) -> bool:
        """Whether the screen has what its keys act on; until it has, keys wait."""
        return True

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""

    def on_screen_resume(self) -> None:
        """Paint what is new since it was covered."""
        if self.is_behind and (view := self.console.view) is not None:
            self.is_behind = False
            self.show(view)

    def _compositor_refresh(self) -> None:
        """Hand what changed to the screen on top; private to Textual, which has no other place for it."""
        if not self.is_shown:
            return
        if is_seen_through(self.app, self):
            repaint_from_below(self.app.screen, self)
        else:
            super()._compositor_refresh()
