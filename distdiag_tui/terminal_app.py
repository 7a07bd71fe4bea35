"""An app that sends a terminal what changed of a screen, and beside it what goes to clipboard, bell and desktop."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.filter import Monochrome, NoColor

from distdiag_tui.actions.key_queue import KeyQueue
from distdiag_tui.drawing import job_control, terminal
from distdiag_tui.drawing.cropped_update import CroppedUpdate
from distdiag_tui.drawing.held_update import HeldUpdate
from distdiag_tui.drawing.lines import clean
from distdiag_tui.drawing.textual_internals import ChopsUpdate, update_of, waiting_writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.screen import Screen


# An update is three writes at most. Textual's queue holds thirty, and whoever adds another waits.
_WAITING_WRITES = 3
_LOOK_AGAIN_S = 0.1


class TerminalApp(KeyQueue, inherit_bindings=False):
    """The way from an app to its terminal, which may be slow or stop reading: the app never waits for it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - those of an app of Textual
        super().__init__(*arguments, **options)
        self._held = HeldUpdate()
        # Greys of the terminal's own colours, which NO_COLOR would make of them, are black on black.
        self._filters = [NoColor() if isinstance(each, Monochrome) else each for each in self._filters]

    def on_load(self) -> None:
        """Let tasks begin in turn, as they do on every Python where Textual does not ask for another way."""
        # From Python 3.12 on Textual lets a task begin inside the call that creates it: fields of the first screen are
        # then mounted before there is a screen, which ends the app, and the cores run in the same loop.
        asyncio.get_running_loop().set_task_factory(None)

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard of the terminal, which may be on another machine than this program."""
        self._clipboard = text
        self._send_beside(terminal.clipboard(text, os.environ))

    def ring(self) -> None:
        """Ring the bell of the terminal."""
        self._send_beside("\a")

    def notify_desktop(self, text: str) -> None:
        """Ask the terminal for a notice on the desktop; terminals that know none show nothing."""
        self._send_beside(terminal.notice(text, os.environ))

    def why_not_suspended(self) -> str:
        """Why the process cannot be suspended; empty where it can."""
        if self._driver is None or not self._driver.can_suspend:
            return "this terminal has no shell behind it"
        return job_control.why_impossible()

    def suspend_process(self) -> None:
        """Give the terminal back to the shell and stop the process, until the shell continues it."""
        with self.suspend():
            # With a program between the shell and this one, by which the shell sees that its job has stopped, and all
            # at once: a shell that saw one of them stop could continue the job before the other had stopped.
            os.killpg(os.getpgrp(), signal.SIGSTOP)

    def leave(self, said: Sequence[str] = ()) -> None:
        """End the console; what is said stands on the terminal afterwards, a line each."""
        self.exit(message=Text("\n".join(map(clean, said))) if said else None)

    def _send_beside(self, sequence: str) -> None:
        # What a terminal that does not read would get is of no use when it reads again, and fills the way to it.
        if self._driver is not None and not self._is_behind():
            self._driver.write(sequence)

    def _is_behind(self) -> bool:
        """Whether the terminal has not taken what was sent before; more would make this loop wait for it."""
        return waiting_writes(self._driver) > _WAITING_WRITES

    def _hold_back(self, screen: Screen[Any], renderable: RenderableType) -> None:
        """Paint it later, together with what changes until then: the slower the terminal, the fewer updates."""
        if not self._held:
            self.set_timer(_LOOK_AGAIN_S, self._catch_up)
        self._held.add(screen, renderable)

    def _catch_up(self) -> None:
        if self._is_behind():
            self.set_timer(_LOOK_AGAIN_S, self._catch_up)
            return
        screen = self.screen
        self._display(screen, update_of(self, self._held.take(screen)))

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send changed cells alone; private to Textual, which has no other place between screens and terminal."""
        if renderable is not None and (self._held or self._is_behind()):
            self._hold_back(screen, renderable)
            return
        cropped = CroppedUpdate.of(renderable) if isinstance(renderable, ChopsUpdate) else renderable
        super()._display(screen, cropped)
