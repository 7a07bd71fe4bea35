"""A listing that fills the terminal, with a title bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from distdiag_tui.screens.listing import Listing
from distdiag_tui.views.page_title import page_title
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

Item = TypeVar("Item")


class ListingPage(Listing[Item]):
    """The list over the whole width, and under it the text about the item at the cursor."""

    _place = ""

    def compose(self) -> ComposeResult:
        """Title bar, list, text and keys."""
        yield Panel(self._page_title, id="page-title")
        yield Panel(self.above, id="above")
        yield from self.table()
        yield TextPane(id="detail", classes="panel")
        yield self.key_bar(*self._scopes)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        super().show(view)
        for panel in self.query(Panel):
            panel.show(view)

    def say_arrangement(self, words: str, dot: str) -> None:
        """Say in the title bar which items are shown, in which order."""
        self._place = f"{self._title} {dot} {words}" if words else self._title

    def above(self, view: ViewState, width: int) -> list[Line]:
        """What stands between the title bar and the list, for instance headings of several lines."""
        return []

    def _page_title(self, view: ViewState, width: int) -> list[Line]:
        return [page_title(view, self._place or self._title, width)]
