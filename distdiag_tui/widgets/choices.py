"""Lists to choose from whose state can be read without any colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from distdiag_tui.actions.registry import bindings
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Line


class RadioList(ListView):
    """One of several: the one under the cursor."""

    DEFAULT_CSS = """
    RadioList { height: auto; }
    """

    def __init__(self, choices: Iterable[tuple[str, str]], *, chosen: str = "") -> None:
        super().__init__()
        self._choices = tuple(choices)
        names = [name for name, _ in self._choices]
        self._paint(names.index(chosen) if chosen in names else 0)
        self.set_reactive(ListView.cursor, names.index(chosen) if chosen in names else 0)

    @property
    def value(self) -> str:
        """The name of the choice; empty where there is nothing to choose."""
        return self._choices[self.cursor][0] if self._choices else ""

    def watch_cursor(self, old: int, cursor: int) -> None:
        """The sign moves with the cursor."""
        self._paint(cursor)
        super().watch_cursor(old, cursor)

    def _paint(self, chosen: int) -> None:
        lines: list[Line] = [
            ((" (o) " if at == chosen else " ( ) ", "accent" if at == chosen else "muted"), (label, "plain"))
            for at, (_, label) in enumerate(self._choices)
        ]
        self.show_lines(lines)


class Checklist(ListView):
    """Any of several; space turns the one under the cursor on and off."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("checklist")
    """The actions of scope `checklist`, beside those of `list`."""

    DEFAULT_CSS = """
    Checklist { height: auto; max-height: 9; }
    """

    @dataclass
    class Changed(Message):
        """Something was turned on or off."""

        checklist: Checklist

    def __init__(self, choices: Sequence[tuple[str, str]], *, chosen: Iterable[str] = ()) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._chosen = set(chosen)
        self._paint()

    @property
    def value(self) -> tuple[str, ...]:
        """The names of what is on, in the order of the list."""
        return tuple(name for name, _ in self._choices if name in self._chosen)

    def choose(self, names: Iterable[str]) -> None:
        """Turn these on and all others off, without a `Changed` message."""
        self._chosen = set(names)
        self._paint()

    def action_switch(self) -> None:
        """Turn the one under the cursor on or off."""
        if self._choices:
            self._chosen ^= {self._choices[self.cursor][0]}
            self._paint()
            self.post_message(self.Changed(self))

    def _paint(self) -> None:
        lines: list[Line] = [
            (
                (" [x] " if name in self._chosen else " [ ] ", "accent" if name in self._chosen else "muted"),
                (label, "plain"),
            )
            for name, label in self._choices
        ]
        self.show_lines(lines)
