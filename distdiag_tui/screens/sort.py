"""The dialog that chooses the column by which a list is sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Vertical

from distdiag_tui import list_orders
from distdiag_tui.drawing.lines import fit
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views.arrangement import Order
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from distdiag_tui.console.console import Console
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field

_AS_THEY_COME = "as they come"


class SortScreen(Dialog[Order]):
    """Returns the order; the column that the list is sorted by already is turned round.

    Args:
        names: of the columns.
        order: of now.
        start: the column under the cursor at first.
    """

    def __init__(self, names: Sequence[str], order: Order, start: str = "") -> None:
        super().__init__()
        self._names = ("", *names)
        self._order = order
        self._start = order.field or start

    def compose(self) -> ComposeResult:
        """The columns as a list."""
        with Vertical(classes="box small") as box:
            box.border_title = "SORT BY"
            yield ListView(classes="auto")
            yield self.key_bar()

    def on_mount(self) -> None:
        """Begin at the column of now."""
        rows = self.query_one(ListView)
        rows.show_lines([self._line(name) for name in self._names])
        if self._start in self._names:
            rows.cursor = self._names.index(self._start)
        rows.focus()

    @on(ListView.Chosen)
    def _take(self, event: ListView.Chosen) -> None:
        name = self._names[event.index]
        again = bool(name) and name == self._order.field
        self.dismiss(Order(name, descending=not self._order.descending if again else False))

    def _line(self, name: str) -> Line:
        now = name == self._order.field
        direction = f"{'falling' if self._order.descending else 'rising'} now" if now and name else ""
        return ((f" {fit(name or _AS_THEY_COME, 28)} ", "accent" if now else "plain"), (direction, "muted"))


def choose_order(
    console: Console,
    name: str,
    fields: Sequence[Field[Any]],
    order: Order,
    done: Callable[[Order], None],
    *,
    start: str = "",
) -> None:
    """Ask for the order of the list called `name`, and keep it."""

    def chosen(order: Order | None) -> None:
        if order is not None:
            keep_order(console, name, order)
            done(order)

    console.push_screen(SortScreen([field.name for field in fields if field.listed], order, start), chosen)


def keep_order(console: Console, name: str, order: Order) -> None:
    """Keep the order of a list for the next console."""
    try:
        list_orders.save(name, order)
    except OSError as error:
        console.report(f"the order of the list cannot be kept: {error.strerror}", "error")
