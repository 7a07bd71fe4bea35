"""The compound anomaly graph, as it changes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar

from distdiag_tui.actions.registry import bindings
from distdiag_tui.operations.export_graph import export_graph
from distdiag_tui.screens.page import Page
from distdiag_tui.views import anomaly_graph
from distdiag_tui.widgets.drawing import Drawing

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

# The influence of each node is kept for so many ticks while the screen is open.
_TICKS = 60


class AnomalyGraphScreen(Page):
    """Follows each tick; the course of the influence begins when the screen is opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("graph")
    """The actions of scope `graph`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("compound anomaly graph", "graph")
        self._trends: dict[str, deque[float]] = {}
        self._placement = anomaly_graph.Placement()
        self._tick = 0

    def body(self) -> ComposeResult:
        """The drawing."""
        yield Drawing(self._draw)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        super().show(view)
        self._follow(view)
        self.query_one(Drawing).show(view)

    def action_export(self) -> None:
        """Write the graph as files."""
        export_graph(self.console)

    def _follow(self, view: ViewState) -> None:
        diagnosis = view.snapshot.diagnosis
        if diagnosis is None or diagnosis.graph is None or view.snapshot.tick == self._tick:
            return
        self._tick = view.snapshot.tick
        for node, influence in zip(diagnosis.graph.nodes, diagnosis.graph.influence.tolist(), strict=True):
            self._trends.setdefault(node, deque(maxlen=_TICKS)).append(influence)

    def _draw(self, view: ViewState, width: int, height: int) -> list[Line]:
        return anomaly_graph.draw(view, self._placement, self._trends, (width, height))
