"""The base of every screen that others may lie over."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

Result = TypeVar("Result")


class LayeredScreen(Screen[Result]):
    """Under a dialog that it is seen through, it has only what changed painted again.

    Textual has the whole terminal painted again there, at each change of the lower screen.
    """

    def _compositor_refresh(self) -> None:
        """Hand what changed to the screen on top; private to Textual, which has no other place for it."""
        app, changed = self.app, self._compositor._dirty_regions  # noqa: SLF001 - as Textual's own screen does
        if self is app.screen or self not in app._background_screens:  # noqa: SLF001
            super()._compositor_refresh()
        elif changed:
            top = app.screen
            # Not by `refresh`, for which the upper screen is painted alone, and what changed in its widgets is lost.
            top._set_dirty(*changed)  # noqa: SLF001
            top._dirty_widgets.add(top)  # noqa: SLF001
            top.check_idle()
            changed.clear()
            self._dirty_widgets.clear()
