"""The small charts of the main screen."""

from __future__ import annotations

from textual.reactive import reactive

from distdiag_tui.drawing.theme import inks_of
from distdiag_tui.views import small_charts
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.views.node_wall import columns, has_workload
from distdiag_tui.widgets.span_view import SpanView


class SmallCharts(SpanView):
    """One small chart for each column of the wall; that of the selected column is marked."""

    DEFAULT_CSS = "SmallCharts { height: 1fr; }"

    column: reactive[int] = reactive(0)
    """The column of the wall that is selected."""

    node: reactive[str] = reactive("")
    """The node whose line lies on top."""

    def __init__(self, zoom_key: str) -> None:
        super().__init__("METRICS")
        self._zoom_key = zoom_key

    def watch_column(self) -> None:
        """Another column was selected."""
        self._paint()

    def watch_node(self) -> None:
        """Another node was selected."""
        self._paint()

    def _paint(self) -> None:
        view = self._scene
        if view is None or not self.line_width or not self.display:
            return
        shown = columns(view.snapshot.catalogue, workload=has_workload(view))
        choice = small_charts.Choice(self.column, self.node, SPANS_S[self.span], inks_of(self.app.current_theme))
        self.show_lines(small_charts.lines(view, shown, choice, self.line_width, self.size.height))
        self.entitle(small_charts.title(view, choice, self._zoom_key))
