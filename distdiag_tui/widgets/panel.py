"""A titled part of the screen that repaints itself from the newest view state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

    Painter = Callable[[ViewState, int], Sequence[Line]]


class Panel(LineView):
    """Shows what a painter makes of a view state and the panel's width."""

    DEFAULT_CSS = """
    Panel { height: auto; }
    """

    def __init__(
        self,
        paint: Painter,
        *,
        title: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.entitle(title)
        self._paint = paint
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        if self.line_width:
            self.show_lines(self._paint(view, self.line_width))

    def on_resize(self, event: events.Resize) -> None:
        """The same view state in another width."""
        if self._scene is not None:
            self.show(self._scene)
