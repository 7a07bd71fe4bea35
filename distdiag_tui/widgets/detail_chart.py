"""The chart of one metric of all nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from distdiag_tui.drawing.theme import inks_of
from distdiag_tui.views.chart import SPANS_S, ChartView, draw, legend
from distdiag_tui.widgets.span_view import SpanView

if TYPE_CHECKING:
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

# A span of so many seconds moves by less than a cell a tick, and need not be drawn every tick.
_SLOW_SPAN_S = 120


class DetailChart(SpanView):
    """Draws the selected metric; the selected node lies on top."""

    DEFAULT_CSS = "DetailChart { height: 1fr; }"

    metric: reactive[Metric | None] = reactive(None)
    """What is drawn."""

    node: reactive[str] = reactive("")
    """Which node stands out."""

    span: reactive[int] = reactive(1)
    """How much of the past is drawn, as a position in `SPANS_S`."""

    def __init__(self, title: str = "DETAIL") -> None:
        super().__init__(title)
        self._heading = title
        self._drawn: tuple[Line, ...] = ()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; the lines of the chart stay where nothing would be seen to move."""
        before, first = self._scene, self._scene is None
        self._scene = view
        if self.display:
            # A replay may have gone anywhere.
            jumped = before is not None and view.snapshot.tick not in (before.snapshot.tick, before.snapshot.tick + 1)
            moved = first or jumped or SPANS_S[self.span] < _SLOW_SPAN_S or view.snapshot.tick % 2 == 0
            self._paint(keep=not moved)

    def watch_metric(self) -> None:
        """Another metric was chosen."""
        self._paint()

    def watch_node(self) -> None:
        """Another node was selected."""
        self._paint()

    def _paint(self, *, keep: bool = False) -> None:
        if self._scene is None or self.metric is None or self.size.height < 4:
            return
        chart = ChartView(self.metric, self.node, SPANS_S[self.span], inks_of(self.app.current_theme))
        if not keep or len(self.lines) != self.size.height:
            self._drawn = tuple(draw(self._scene, chart, self.line_width, self.size.height - 1))
        self.show_lines([legend(self._scene, chart), *self._drawn])
        self.entitle(f"{self._heading} {self._scene.glyphs.dot} {self.metric.category}")
