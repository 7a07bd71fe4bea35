"""The clusters that can be opened here, and those that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.listing_page import ListingPage
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import clusters
from distdiag_tui.views.clusters import ClusterState
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class ClustersScreen(ListingPage[ClusterState]):
    """Every cluster with a file, and those of the command line; enter shows one, a key opens or closes it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("clusters")
    """The actions of scope `clusters`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("clusters", "clusters")

    def items(self, view: ViewState) -> tuple[ClusterState, ...]:
        """The clusters as they are at this moment."""
        return self.console.shell.clusters.states()

    def fields(self, view: ViewState) -> tuple[Field[ClusterState], ...]:
        """By name, state, nodes, what is injected, or root causes."""
        return clusters.cluster_fields()

    def key(self, item: ClusterState) -> Hashable:
        """The name under which it is listed."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings."""
        return clusters.HEADER

    def row(self, view: ViewState, item: ClusterState, width: int) -> Line:
        """One cluster."""
        return clusters.row(item, view.glyphs, width)

    def detail(self, view: ViewState, item: ClusterState, width: int) -> list[Line]:
        """Its file, its problem, and what runs on it."""
        return clusters.detail(item, width)

    @on(ListView.Chosen)
    def _chosen(self) -> None:
        if (state := self.chosen_item()) is not None:
            # Closed first: the cluster that is left keeps its screens as they are.
            self.dismiss(None)
            self.console.shell.clusters.show(state.name)

    def action_open_or_close(self) -> None:
        """Open the cluster under the cursor, or close it; what runs there is said first."""
        state = self.chosen_item()
        if state is None:
            return
        if not state.is_open:
            self.console.shell.clusters.open(state.name)
            return
        said = clusters.running(state)
        if not said:
            self.console.shell.clusters.close(state.name)
            return

        def answered(answer: str | None) -> None:
            if answer == "close":
                self.console.shell.clusters.close(state.name)

        lines = [*said[:8], "Injections end at their deadlines, load goes on, an experiment is cancelled."]
        answers = (Answer("stay", "Stay"), Answer("close", "Close it", "warning"))
        self.console.push_screen(Question(f"CLOSE {state.name}", lines, answers), answered)
