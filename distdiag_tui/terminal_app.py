"""An app that sends a terminal what changed of a screen, and beside it what goes to clipboard, bell and desktop."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual._compositor import ChopsUpdate

from distdiag_tui.actions.key_queue import KeyQueue
from distdiag_tui.drawing import terminal
from distdiag_tui.drawing.cropped_update import CroppedUpdate

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen


class TerminalApp(KeyQueue, inherit_bindings=False):
    """The way from an app to its terminal."""

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

    def _send_beside(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send changed cells alone; private to Textual, which has no other place between screens and terminal."""
        cropped = CroppedUpdate.of(renderable) if isinstance(renderable, ChopsUpdate) else renderable
        super()._display(screen, cropped)
