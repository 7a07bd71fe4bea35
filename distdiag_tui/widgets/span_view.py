"""The base of what is drawn over a span of the past."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual.reactive import reactive

from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual import events

    from distdiag_tui.views.view_state import ViewState


class SpanView(LineView):
    """A panel that is drawn from the newest view state, and again over another span or in another size."""

    DEFAULT_CSS = "SpanView { overflow-y: hidden; }"

    span: reactive[int] = reactive(2)
    """How much of the past is drawn, as a position in `SPANS_S`."""

    def __init__(self, title: str) -> None:
        super().__init__(classes="panel")
        self.entitle(title)
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        self._paint()

    def on_mount(self) -> None:
        """Draw it anew in another theme: the colours of charts are not of the stylesheet."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._paint())

    def validate_span(self, span: int) -> int:
        """Keep it among the spans that there are."""
        return min(len(SPANS_S) - 1, max(0, span))

    def watch_span(self) -> None:
        """Longer or shorter."""
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Draw it in its new size."""
        self._paint()

    @abstractmethod
    def _paint(self) -> None:
        """Draw the view state, where there is one and there is room for it."""
