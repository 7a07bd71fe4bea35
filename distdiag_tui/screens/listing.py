"""The base of the screens that list items: the list, and under it the details of the item at the cursor."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on
from textual.containers import Vertical

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.app import ComposeResult

    from distdiag_tui.actions.registry import Scope
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState

Item = TypeVar("Item")


class Listing(Dialog[None], Generic[Item]):
    """The cursor stays on its item while others come and go.

    Args:
        title: in the border.
        scopes: whose keys the footer names.
    """

    def __init__(self, title: str, *scopes: Scope) -> None:
        super().__init__()
        self._title = title
        self._scopes = scopes
        self._items: tuple[Item, ...] = ()
        self._nothing = "nothing yet"

    @abstractmethod
    def items(self, view: ViewState) -> tuple[Item, ...]:
        """The items of the list, from the top."""

    @abstractmethod
    def key(self, item: Item) -> Hashable:
        """The identity of an item, by which the cursor follows it from tick to tick."""

    @abstractmethod
    def row(self, view: ViewState, item: Item, width: int) -> Line:
        """An item as one line of the list."""

    @abstractmethod
    def detail(self, view: ViewState, item: Item, width: int) -> Sequence[Line]:
        """Everything known about an item, as text under the list."""

    def header(self, width: int) -> Line | None:
        """The column headings of the list."""
        return None

    def nothing(self) -> str:
        """The text in place of an empty list."""
        return self._nothing

    @property
    def item(self) -> Item | None:
        """The item under the cursor; None where the list is empty."""
        cursor = self.query_one(ListView).cursor
        return self._items[cursor] if cursor < len(self._items) else None

    def compose(self) -> ComposeResult:
        """The list, and under it the text about the item under the cursor."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            yield ListView()
            yield TextPane(id="detail", classes="panel")
            yield KeyBar(*self._scopes, "dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """Paint the newest tick at once instead of waiting for the next."""
        self.call_after_refresh(self.repaint)

    def repaint(self) -> None:
        """Paint the list and the text anew from the newest tick."""
        if self.console.view is not None:
            self.show(self.console.view)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; a cursor on the first line stays on the first line."""
        list_view, chosen = self.query_one(ListView), self.item
        self._items = self.items(view)
        rows = [self.row(view, item, list_view.line_width) for item in self._items]
        list_view.show_lines(rows or [((f" {self.nothing()}", "muted"),)], header=self.header(list_view.line_width))
        keys = [self.key(item) for item in self._items]
        if chosen is not None and list_view.cursor > 0 and self.key(chosen) in keys:
            list_view.cursor = keys.index(self.key(chosen))
        self._show_detail()

    @on(ListView.Moved)
    def _show_detail(self) -> None:
        view, item, pane = self.console.view, self.item, self.query_one(TextPane)
        if view is not None:
            pane.show_lines(self.detail(view, item, pane.line_width) if item is not None else [])
