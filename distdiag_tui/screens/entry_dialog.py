"""A dialog with a few fields to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.form import TextField
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

_WIDTH = 76


class EntryDialog(Dialog[dict[str, str]]):
    """Returns what was typed, by the name of the field; nothing where it was closed.

    Args:
        lines: what is asked, and what comes of it.
        fields: heading and first value of each, by name.
        label: of the button.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("form")
    """The actions of scope `form`, beside those of `dialog`."""

    def __init__(self, title: str, lines: Sequence[str], fields: Mapping[str, tuple[str, str]], label: str) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._fields = [TextField(heading, value, name) for name, (heading, value) in fields.items()]
        self._label = label

    def compose(self) -> ComposeResult:
        """The text over the fields and the buttons."""
        with Vertical(classes="box small") as box:
            box.border_title = self._title
            yield LineView(classes="auto")
            yield from self._fields
            with Horizontal(classes="buttons"):
                yield Button(self._label, id="do", variant="primary", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
            yield self.key_bar("form")

    def on_mount(self) -> None:
        """Focus the first field, so that typing can begin."""
        lines = [line for text in self._lines for line in block("", text, _WIDTH)]
        self.query_one(LineView).show_lines(lines)
        self.query(Input).first().focus()

    @on(Button.Pressed, "#do")
    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Close the dialog and return the values of the fields."""
        self.dismiss({field.id or "": field.value for field in self._fields})

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
