"""The timeline of the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from distdiag_tui.views import timeline
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual import events

    from distdiag_tui.views.view_state import ViewState


class Timeline(LineView):
    """What was injected and diagnosed, over the time that the charts show."""

    DEFAULT_CSS = """
    Timeline { height: 5; overflow-y: hidden; }
    """

    span: reactive[int] = reactive(2)
    """How much of the past is shown, as a position in `SPANS_S`."""

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.entitle("TIMELINE")
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        self._paint()

    def watch_span(self) -> None:
        """Longer or shorter."""
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Draw it in its new size."""
        self._paint()

    def _paint(self) -> None:
        view = self._scene
        if view is None or not self.line_width or not self.display:
            return
        self.show_lines(timeline.lines(view, SPANS_S[self.span], self.line_width, self.size.height))
        self.entitle(timeline.title(view, SPANS_S[self.span]))
