"""The base of the screens that list items: the list, filtered and sorted, and under it the item at the cursor."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.containers import Vertical
from textual.content import Content

from distdiag_tui import list_orders
from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.sort import choose_order, keep_order
from distdiag_tui.views.arrangement import Arrangement, Order, marked, words_of
from distdiag_tui.widgets.filter_field import FilterField
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.actions.action import Scope
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState

Item = TypeVar("Item")
_HINT = "words, name:part, name>number; ! before what is not to be"


class Listing(Dialog[None], Generic[Item]):
    """The cursor stays on its item while others come and go.

    Args:
        title: in the border.
        scopes: whose keys the footer names.
        reading: what stands in place of the items until `has_read`; without it, they come with every tick.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("table")
    """The actions of scope `table`, beside those of `dialog`."""

    def __init__(self, title: str, *scopes: Scope, reading: str = "") -> None:
        super().__init__()
        self._title = title
        self._scopes = scopes
        self._arranged: Arrangement[Item] = Arrangement((), 0)
        self._order = list_orders.load(self.list_name)
        self._reading = reading
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

    @abstractmethod
    def fields(self, view: ViewState) -> Sequence[Field[Item]]:
        """The columns by which the list is filtered and sorted."""

    def header(self, width: int) -> Line | None:
        """The column headings of the list."""
        return None

    @property
    def list_name(self) -> str:
        """The name under which the order of the list is kept."""
        return self._title.lower()

    def nothing(self) -> str:
        """The text in place of an empty list."""
        return self._reading or self._nothing

    def has_read(self, nothing: str) -> None:
        """Take the items for read; where there are none, or they could not be read, this text says so."""
        self._reading, self._nothing = "", nothing
        self.repaint()

    @property
    def takes_keys(self) -> bool:
        """Whether the items are there."""
        return not self._reading

    @property
    def item(self) -> Item | None:
        """The item under the cursor; None where the list is empty."""
        cursor = self.query_one(ListView).cursor
        items = self._arranged.items
        return items[cursor] if cursor < len(items) else None

    def chosen_item(self) -> Item | None:
        """The item under the cursor, for a key; where there is none, the operator is told why nothing happens."""
        if self.item is None:
            self.console.report("there is nothing under the cursor", "warning")
        return self.item

    def compose(self) -> ComposeResult:
        """The list, and under it the text about the item under the cursor."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            yield from self.table()
            yield TextPane(id="detail", classes="panel")
            yield self.key_bar(*self._scopes)

    def table(self) -> ComposeResult:
        """The list, and over it the field that filters it."""
        rows = ListView()
        yield FilterField(rows, hint=_HINT)
        yield rows

    def on_mount(self) -> None:
        """Paint the newest tick at once instead of waiting for the next."""
        self.call_after_refresh(self.repaint)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; a cursor on the first line stays on the first line."""
        list_view, chosen, fields = self.query_one(ListView), self.item, self.fields(view)
        self._arranged = self.query_one(FilterField).choose(self.items(view), fields, self._order)
        items = self._arranged.items
        rows = [self.row(view, item, list_view.line_width) for item in items]
        header = self.header(list_view.line_width)
        if header is not None:
            header = marked(header, fields, self._order, view.glyphs)
        list_view.show_lines(rows or [((f" {self._why_empty()}", "muted"),)], header=header)
        self.say_arrangement(self._arranged.words(view.glyphs), view.glyphs.dot)
        keys = [self.key(item) for item in items]
        if chosen is not None and list_view.cursor > 0 and self.key(chosen) in keys:
            list_view.cursor = keys.index(self.key(chosen))
        self._show_detail()

    def say_arrangement(self, words: str, dot: str) -> None:
        """Say in the border which items are shown, in which order."""
        self.query_one(".box").border_title = Content(f"{self._title} {dot} {words}" if words else self._title)

    def text(self) -> str:
        """What is copied: the text under the list where that has the focus, else the item under the cursor."""
        pane, view, item = self.query_one(TextPane), self.console.view, self.item
        if pane.has_focus or view is None or item is None:
            return pane.text.strip()
        return words_of(item, self.fields(view))

    def action_filter(self) -> None:
        """Open the field that filters the list."""
        self.query_one(FilterField).open()

    def action_sort(self) -> None:
        """Ask for the column to sort by."""
        if (view := self.console.view) is not None:
            choose_order(self.console, self.list_name, self.fields(view), self._order, self._sort)

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self._order.field:
            self._sort(replace(self._order, descending=not self._order.descending))
            keep_order(self.console, self.list_name, self._order)

    def action_close(self) -> None:
        """Take the filter away where there is one, else leave."""
        if self.query_one(FilterField).clear():
            self.repaint()
        else:
            super().action_close()

    def _sort(self, order: Order) -> None:
        self._order = order
        self.repaint()

    def _why_empty(self) -> str:
        return f"nothing of {self._arranged.total} fits" if self._arranged.total else self.nothing()

    @on(FilterField.Changed)
    def _filter(self) -> None:
        self.query_one(ListView).cursor = 0
        self.repaint()

    @on(ListView.Moved)
    def _show_detail(self) -> None:
        view, item, pane = self.console.view, self.item, self.query_one(TextPane)
        if view is not None:
            pane.show_lines(self.detail(view, item, pane.line_width) if item is not None else [])
