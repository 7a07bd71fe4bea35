"""The sources of the cluster: what each answers, how old figures of the past are, and a switch for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_core.runtime.live_sources import SourceStatus
from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.listing_page import ListingPage
from distdiag_tui.views import sources
from distdiag_tui.views.list_fields import source_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class SourcesScreen(ListingPage[SourceStatus]):
    """A line for each source of the cluster file, in its order."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sources")
    """The actions of scope `sources`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("sources", "sources")

    def action_switch(self) -> None:
        """Switch the source under the cursor; the next tick shows it."""
        source = self.chosen_item()
        if source is None:
            return
        operation = Operation[None]("source", f"switching the source {source.name}", lambda _: self.repaint())
        self.console.perform(operation, lambda runtime: runtime.sources.switch(source.name, on=not source.on))

    def above(self, view: ViewState, width: int) -> list[Line]:
        """What switching does."""
        return [] if view.snapshot.stand_in else sources.above(width)

    def items(self, view: ViewState) -> tuple[SourceStatus, ...]:
        """All sources of the cluster file."""
        return view.snapshot.sources

    def nothing(self) -> str:
        """What is shown where there is no cluster."""
        view = self.console.view
        return (
            f"no source is read: this is {view.snapshot.stand_in}"
            if view and view.snapshot.stand_in
            else super().nothing()
        )

    def fields(self, view: ViewState) -> tuple[Field[SourceStatus], ...]:
        """By name, whether it is read, or what it has now."""
        return source_fields(view)

    def key(self, item: SourceStatus) -> Hashable:
        """The name."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings."""
        return sources.header()

    def row(self, view: ViewState, item: SourceStatus, width: int) -> Line:
        """One source."""
        return sources.row(view, item, width)

    def detail(self, view: ViewState, item: SourceStatus, width: int) -> list[Line]:
        """What it is, where it fails, and what it has of the past."""
        return sources.detail(view, item, width)
