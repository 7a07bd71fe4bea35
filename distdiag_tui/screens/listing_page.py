"""A listing that fills the terminal, with a title bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from distdiag_tui.screens.listing import Listing
from distdiag_tui.views.page_title import page_title
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

Item = TypeVar("Item")


class ListingPage(Listing[Item]):
    """The list over the whole width, and under it the text about the item at the cursor."""

    def compose(self) -> ComposeResult:
        """Title bar, list, text and keys."""
        yield Panel(self._page_title, id="page-title")
        yield from self.fields()
        yield Panel(self.above, id="above")
        yield ListView()
        yield TextPane(id="detail", classes="panel")
        yield KeyBar(*self._scopes, "dialog", keys=self.console.keys)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        for panel in self.query(Panel):
            panel.show(view)
        super().show(view)

    def fields(self) -> ComposeResult:
        """What can be typed into, under the title bar."""
        yield from ()

    def above(self, view: ViewState, width: int) -> list[Line]:
        """What stands between the title bar and the list, for instance headings of several lines."""
        return []

    def _page_title(self, view: ViewState, width: int) -> list[Line]:
        return [page_title(view, self._title, width)]
