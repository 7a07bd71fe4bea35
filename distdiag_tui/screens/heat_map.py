"""The heat map of nodes and anomalies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.listing_page import ListingPage
from distdiag_tui.screens.root_cause import RootCauseScreen
from distdiag_tui.views import heat_map
from distdiag_tui.views.list_fields import score_fields
from distdiag_tui.views.view_state import SUSPECT
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState

_STEP = 0.05


class HeatMapScreen(ListingPage[str]):
    """Follows each tick; the threshold is that of this screen alone."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("heat-map")
    """The actions of scope `heat-map`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("heat map", "heat-map")
        self._threshold = SUSPECT
        self._nothing = "no scores: no diagnosis yet"

    def above(self, view: ViewState, width: int) -> list[Line]:
        """The threshold, and the names of the anomalies."""
        return [
            heat_map.summary(view, self._threshold, width),
            *heat_map.headings(view, self.query_one(ListView).line_width or width),
        ]

    def items(self, view: ViewState) -> tuple[str, ...]:
        """The nodes."""
        return heat_map.nodes(view, self._threshold)

    def fields(self, view: ViewState) -> tuple[Field[str], ...]:
        """By node or by the score for an anomaly."""
        return score_fields(view)

    def key(self, item: str) -> Hashable:
        """The name of the node."""
        return item

    def row(self, view: ViewState, item: str, width: int) -> Line:
        """The scores of a node."""
        return heat_map.row(view, item, self._threshold, width)

    def detail(self, view: ViewState, item: str, width: int) -> list[Line]:
        """The likeliest anomalies of the node under the cursor."""
        return heat_map.detail(view, item, width)

    def action_threshold(self, by: int) -> None:
        """Move the threshold by one step."""
        self._threshold = min(0.95, max(0.05, round(self._threshold + by * _STEP, 2)))
        self.repaint()

    @on(ListView.Chosen)
    def _open(self) -> None:
        view = self.console.view
        diagnosis = view.snapshot.diagnosis if view is not None else None
        for cause in diagnosis.root_causes if diagnosis else ():
            if cause.node == self.item:
                self.console.push_screen(RootCauseScreen(cause))
                return
