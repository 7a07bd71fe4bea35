"""A drawing that fills its place and follows each tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

    Painter = Callable[[ViewState, int, int], Sequence[Line]]


class Drawing(LineView):
    """Shows what a painter makes of a view state and of the width and height of the place."""

    DEFAULT_CSS = "Drawing { height: 1fr; overflow-y: hidden; }"

    def __init__(self, paint: Painter) -> None:
        super().__init__()
        self._paint = paint
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        if self.line_width and self.size.height:
            self.show_lines(self._paint(view, self.line_width, self.size.height))

    def on_resize(self, event: events.Resize) -> None:
        """The same view state in another size."""
        if self._scene is not None:
            self.show(self._scene)
