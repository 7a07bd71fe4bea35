"""One of several in a single line, for forms with many fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import reactive

from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import fit
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from distdiag_tui.drawing.lines import Tone


class Select(LineView, can_focus=True):
    """Shows the one that is chosen; the next and the one before are a key away."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("select")
    """The actions of scope `select` in the registry."""

    DEFAULT_CSS = """
    Select { height: 1; overflow-y: hidden; }
    Select:focus { background: $line-cursor; }
    """

    position: reactive[int] = reactive(0)
    """Which one is chosen, from 0."""

    @dataclass
    class Changed(Message):
        """Another one was chosen."""

        select: Select

        @property
        def control(self) -> Select:
            """The line."""
            return self.select

    def __init__(self, choices: Sequence[str], *, chosen: str = "") -> None:
        super().__init__()
        self._choices = tuple(choices)
        self.set_reactive(Select.position, self._choices.index(chosen) if chosen in self._choices else 0)

    @property
    def value(self) -> str:
        """The one that is chosen; empty where there is nothing to choose."""
        return self._choices[self.position] if self._choices else ""

    def action_turn(self, by: int) -> None:
        """Onwards or back, and round at the ends."""
        if self._choices:
            self.position = (self.position + by) % len(self._choices)

    def choose(self, choice: str) -> None:
        """Choose this one of the choices."""
        self.position = self._choices.index(choice)

    def watch_position(self) -> None:
        """Show it, and say so."""
        self._paint()
        self.post_message(self.Changed(self))

    def on_mount(self) -> None:
        """Paint the choice for the first time."""
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Textual drops the line's cache with the size."""
        self._paint()

    def _paint(self) -> None:
        arrows: Tone = "accent" if len(self._choices) > 1 else "muted"
        # Both arrows are seen, however long the value is.
        room = max(1, self.line_width - 4) if self.line_width else len(self.value)
        value = fit(self.value, room) if cell_len(self.value) > room else self.value
        self.show_lines([(("< ", arrows), (value, "plain"), (" >", arrows))])
