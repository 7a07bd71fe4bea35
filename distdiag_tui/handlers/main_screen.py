"""Handlers that change the main screen, from wherever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui import panel_choice
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.node_wall import NodeWall

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console
    from distdiag_tui.panel_choice import PanelName


def main_screen(console: Console) -> MainScreen:
    """The main screen, which lies under all others."""
    return next(screen for screen in console.screen_stack if isinstance(screen, MainScreen))


def change_span(console: Console, by: int) -> None:
    """Longer or shorter charts."""
    screen = main_screen(console)
    screen.change_span(by)
    _keep(console, screen)


def mark_node(console: Console) -> None:
    """Mark the node under the cursor of the wall, or not."""
    main_screen(console).query_one(NodeWall).toggle_mark()


def zoom(console: Console) -> None:
    """One panel alone, or all of them again."""
    main_screen(console).zoom()


def unzoom(console: Console) -> None:
    """All nodes after a filter, else all panels after a zoom, else no marks."""
    main_screen(console).back()


def toggle_panel(console: Console, panel: PanelName) -> None:
    """Show or hide a panel."""
    screen = main_screen(console)
    screen.toggle_panel(panel)
    _keep(console, screen)


def _keep(console: Console, screen: MainScreen) -> None:
    """Keep the choice for the next console."""
    try:
        panel_choice.save(screen.choice)
    except OSError as error:
        where = panel_choice.choice_file()
        console.report(f"the choice of panels cannot be kept in {where}: {error.strerror}", "error")
