"""The timeline of the main screen."""

from __future__ import annotations

from distdiag_tui.views import timeline
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.widgets.span_view import SpanView


class Timeline(SpanView):
    """What was injected and diagnosed, over the time that the charts show."""

    DEFAULT_CSS = "Timeline { height: 5; }"

    def __init__(self) -> None:
        super().__init__("TIMELINE")

    def _paint(self) -> None:
        view = self._scene
        if view is None or not self.line_width or not self.display:
            return
        self.show_lines(timeline.lines(view, SPANS_S[self.span], self.line_width, self.size.height))
        self.entitle(timeline.title(view, SPANS_S[self.span]))
