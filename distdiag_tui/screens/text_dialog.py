"""The base of the dialogs that are one text."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_tui.actions.action import Scope
    from distdiag_tui.drawing.lines import Line


class TextDialog(Dialog[None]):
    """A text that scrolls, in a box with a title.

    Args:
        title: of the box.
        scopes: whose keys the footer names.
    """

    def __init__(self, title: str, *scopes: Scope) -> None:
        super().__init__()
        self._box_title = title
        self._scopes = scopes

    @abstractmethod
    def lines(self, width: int) -> list[Line]:
        """The text as it is now, in this width."""

    def compose(self) -> ComposeResult:
        """The text, and the keys under it."""
        with Vertical(classes="box") as box:
            box.border_title = self._box_title
            yield TextPane()
            yield self.key_bar(*self._scopes)

    def on_resize(self) -> None:
        """Wrap the text as wide as the box has become."""
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Show the text as it is now."""
        pane = self.query_one(TextPane)
        pane.show_lines(self.lines(pane.line_width))
