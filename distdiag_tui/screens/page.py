"""The base of the screens that fill the terminal: a title bar, the body, and the keys."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views.page_title import page_title
from distdiag_tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_tui.actions.action import Scope
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class Page(Dialog[None]):
    """Closes with escape, as every dialog; the title bar says where one is.

    Args:
        place: in the title bar.
        scopes: whose keys the footer names.
    """

    def __init__(self, place: str, *scopes: Scope) -> None:
        super().__init__()
        self.place = place
        self._scopes = scopes

    @abstractmethod
    def body(self) -> ComposeResult:
        """The widgets between the title bar and the keys."""

    def compose(self) -> ComposeResult:
        """Title bar, body and keys."""
        yield Panel(self._title, id="page-title")
        yield from self.body()
        yield self.key_bar(*self._scopes)

    def on_mount(self) -> None:
        """Paint the newest tick at once instead of waiting for the next."""
        self.call_after_refresh(self.repaint)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        self.query_one("#page-title", Panel).show(view)

    def _title(self, view: ViewState, width: int) -> list[Line]:
        return [page_title(view, self.place, width)]
