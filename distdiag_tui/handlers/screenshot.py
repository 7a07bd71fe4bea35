"""The screen as an SVG file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core import places

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console


def take_screenshot(console: Console) -> None:
    """Save the screen in the state directory."""
    folder = places.state_dir() / "screenshots"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        console.report(f"saved {console.shell.terminal.save_screenshot(path=str(folder))}")
    except OSError as error:
        console.report(f"the screenshot cannot be saved in {folder}: {error.strerror}", "error")
