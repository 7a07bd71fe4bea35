"""The field that a list is filtered with, and under it what is wrong with what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import block
from distdiag_tui.views.arrangement import Arrangement, Order, arrange
from distdiag_tui.views.filtering import FilterError
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.views.filtering import Field
    from distdiag_tui.widgets.list_view import ListView

Item = TypeVar("Item")


class FilterField(Vertical):
    """Hidden until it is opened; while it has the focus, the arrows move in its list.

    Args:
        rows: the list.
        always: it is never hidden.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    """The actions of scope `filter` in the registry."""

    DEFAULT_CSS = """
    FilterField { height: auto; display: none; }
    FilterField.-open { display: block; }
    FilterField LineView { height: auto; max-height: 3; }
    """

    @dataclass
    class Changed(Message):
        """Another filter was typed."""

        field: FilterField

    def __init__(self, rows: ListView, *, always: bool = False, hint: str = "") -> None:
        # Textual gives a new screen's focus to the first widget that is not disabled, hidden or not.
        super().__init__(classes="-open" if always else "", disabled=not always)
        self._rows = rows
        self._always = always
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The field, and a line that is there while something is wrong."""
        yield _Typed(placeholder=self._hint, compact=True)
        yield LineView()

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value if self.is_mounted else ""

    def open(self) -> None:
        """Show it, and type into it."""
        self.add_class("-open")
        self.disabled = False
        self.query_one(Input).focus()

    def clear(self) -> bool:
        """Take the filter away and go back to the list; False where there is nothing to take away."""
        field = self.query_one(Input)
        if not field.value and (self._always or not self.has_class("-open")):
            return False
        field.value = ""
        self._close()
        return True

    def choose(self, items: Sequence[Item], fields: Sequence[Field[Item]], order: Order) -> Arrangement[Item]:
        """The items that are to be shown; a mistake is said under the field, and what is before it holds."""
        problem = self.query_one(LineView)
        try:
            found = arrange(items, fields, self.text, order)
        except FilterError as error:
            caret = " " * min(error.position, max(0, self.size.width - len(str(error)) - 3))
            # As wide as the screen before the first layout of the line.
            problem.show_lines(block(f"{caret}^ ", str(error), self.size.width or self.screen.size.width, "bad"))
            return arrange(items, fields, self.text[: error.term], order)
        problem.show_lines([])
        return found

    def action_list(self, action: str, by: int) -> None:
        """Move in the list without leaving the field."""
        {"move": self._rows.action_move, "page": self._rows.action_page}[action](by)

    def _close(self) -> None:
        self.screen.set_focus(self._rows)
        if not self._always:
            self.remove_class("-open")
            self.disabled = True

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def submit(self) -> None:
        """Go back to the list; an empty field is hidden."""
        if self.text:
            self.screen.set_focus(self._rows)
        else:
            self._close()


class _Typed(Input):
    """A field whose enter takes effect before the next key, and not by a message that may come after it."""

    async def action_submit(self) -> None:
        """Back to the list."""
        field = self.parent
        if isinstance(field, FilterField):
            field.submit()
