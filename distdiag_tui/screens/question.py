"""One question with a few answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question, shown as a button."""

    id: str
    label: str
    variant: Literal["default", "primary", "warning"] = "default"


class Question(Dialog[str]):
    """Returns the id of the answer; nothing where it was closed.

    The first answer has the focus: make it the harmless one.
    """

    def __init__(self, title: str, lines: Sequence[str], answers: Sequence[Answer]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Text over a row of buttons."""
        with Vertical(classes="box small") as box:
            box.border_title = self._title
            text = LineView(classes="auto")
            yield text
            with Horizontal(classes="buttons"):
                for answer in self._answers:
                    yield Button(answer.label, id=answer.id, variant=answer.variant, compact=True)

    def on_mount(self) -> None:
        """Paint the question in the width of the dialog."""
        self.query_one(LineView).show_lines([((line, "plain"),) for line in self._lines])
        self.query(Button).first().focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close the dialog and return the answer of the button."""
        self.dismiss(event.button.id)
