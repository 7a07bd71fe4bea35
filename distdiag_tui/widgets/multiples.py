"""The small charts of the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from distdiag_tui.views import multiples
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.views.node_wall import columns, has_workload
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual import events

    from distdiag_tui.views.view_state import ViewState


class Multiples(LineView):
    """One small chart for each column of the wall; that of the selected column is marked."""

    DEFAULT_CSS = """
    Multiples { height: 1fr; overflow-y: hidden; }
    """

    column: reactive[int] = reactive(0)
    """The column of the wall that is selected."""

    node: reactive[str] = reactive("")
    """The node whose line lies on top."""

    span: reactive[int] = reactive(2)
    """How much of the past is drawn, as a position in `SPANS_S`."""

    def __init__(self, zoom_key: str) -> None:
        super().__init__(classes="panel")
        self._zoom_key = zoom_key
        self.entitle("METRICS")
        self._scene: ViewState | None = None

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self._scene = view
        self._paint()

    def watch_column(self) -> None:
        """Another column was selected."""
        self._paint()

    def watch_node(self) -> None:
        """Another node was selected."""
        self._paint()

    def watch_span(self) -> None:
        """Longer or shorter."""
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Draw them in their new size."""
        self._paint()

    def _paint(self) -> None:
        view = self._scene
        if view is None or not self.line_width or not self.display:
            return
        shown = columns(view.snapshot.catalogue, workload=has_workload(view))
        choice = multiples.Choice(self.column, self.node, SPANS_S[self.span], self.app.current_theme.ansi)
        self.show_lines(multiples.lines(view, shown, choice, self.line_width, self.size.height))
        self.entitle(multiples.title(view, choice, self._zoom_key))
