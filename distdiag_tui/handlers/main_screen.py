"""Handlers that change the main screen, from wherever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.main import MainScreen

if TYPE_CHECKING:
    from distdiag_tui.console import Console


def main_screen(console: Console) -> MainScreen:
    """The main screen, which lies under all others."""
    return next(screen for screen in console.screen_stack if isinstance(screen, MainScreen))


def change_span(console: Console, by: int) -> None:
    """A longer or a shorter chart."""
    main_screen(console).change_span(by)
