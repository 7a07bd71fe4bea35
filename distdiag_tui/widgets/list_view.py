"""A list of lines with a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.reactive import reactive

from distdiag_tui.actions.registry import bindings
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line


class ListView(LineView, can_focus=True):
    """Lines of which one is under the cursor; the caller keeps what each line stands for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")
    """The actions of scope `list` in the registry."""

    DEFAULT_CSS = """
    ListView { height: 1fr; scrollbar-gutter: stable; }
    """

    cursor: reactive[int] = reactive(0)
    """The line under the cursor, from 0."""

    @dataclass
    class Moved(Message):
        """The cursor came to another line."""

        list_view: ListView
        index: int

        @property
        def control(self) -> ListView:
            """The list."""
            return self.list_view

    @dataclass
    class Chosen(Message):
        """Enter was pressed, or a line was clicked twice."""

        list_view: ListView
        index: int

        @property
        def control(self) -> ListView:
            """The list."""
            return self.list_view

    def show_lines(self, lines: Sequence[Line], *, header: Line | None = None) -> None:
        """Show these lines; the cursor stays within them."""
        super().show_lines(lines, header=header)
        self.cursor = self.cursor
        self.mark(self.cursor if self.lines else None)

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a line."""
        return min(max(0, len(self.lines) - 1), max(0, cursor))

    def watch_cursor(self, old: int, cursor: int) -> None:
        """Show where it went."""
        self.mark(cursor if self.lines else None)
        self._keep_in_sight(cursor)
        self.post_message(self.Moved(self, cursor))

    def action_move(self, by: int) -> None:
        """Up or down by lines."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Up or down by pages."""
        self.cursor += by * max(1, self._rows_in_sight - 1)

    def action_edge(self, towards: int) -> None:
        """To the first or the last line."""
        self.cursor = 0 if towards < 0 else len(self.lines) - 1

    def action_choose(self) -> None:
        """Open the line under the cursor."""
        if self.lines:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """One click moves the cursor, two choose."""
        index = event.y - self.gutter.top - self.header_height + round(self.scroll_y)
        if 0 <= index < len(self.lines):
            self.cursor = index
            if event.chain == 2:
                self.action_choose()

    @property
    def _rows_in_sight(self) -> int:
        return max(1, self.size.height - self.header_height)

    def _keep_in_sight(self, cursor: int) -> None:
        top = round(self.scroll_y)
        if cursor < top:
            self.scroll_to(y=cursor, animate=False, immediate=True)
        elif cursor >= top + self._rows_in_sight:
            self.scroll_to(y=cursor - self._rows_in_sight + 1, animate=False, immediate=True)
