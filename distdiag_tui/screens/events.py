"""All events of the run, and the whole text of the one under the cursor."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from distdiag_tui import panels
from distdiag_tui.lines import Line, clean
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.picker import Picker

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_core.recording.events import Event
    from distdiag_tui.scene import Scene


class EventsScreen(Dialog[None]):
    """The newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._events: tuple[Event, ...] = ()

    def compose(self) -> ComposeResult:
        """The list over the full text."""
        with Vertical(classes="box") as box:
            box.border_title = "EVENTS"
            yield Picker()
            yield LineView(id="full", classes="panel")
            yield KeyBar("dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """The tick that is known."""
        self.call_after_refresh(self._show_known)

    def _show_known(self) -> None:
        if self.console.scene is not None:
            self.show(self.console.scene)

    def show(self, scene: Scene) -> None:
        """Paint the newest tick; the cursor stays on its event when newer ones come in above it."""
        picker = self.query_one(Picker)
        chosen = self._events[picker.cursor] if picker.cursor < len(self._events) else None
        self._events = scene.events
        picker.show_lines(panels.event_lines(scene, picker.line_width))
        if chosen is not None and chosen in self._events and picker.cursor > 0:
            picker.cursor = self._events.index(chosen)
        self._show_full()

    @on(Picker.Moved)
    def _show_full(self) -> None:
        picker, full = self.query_one(Picker), self.query_one("#full", LineView)
        if picker.cursor >= len(self._events):
            return
        event = self._events[picker.cursor]
        about = " - ".join(part for part in (event.kind, event.node or "", event.level) if part)
        text = textwrap.wrap(clean(event.text), max(20, full.line_width - 2))[:4]
        lines: list[Line] = [((f" {about}", "muted"),), *(((f" {line}", "plain"),) for line in text)]
        full.show_lines(lines)
