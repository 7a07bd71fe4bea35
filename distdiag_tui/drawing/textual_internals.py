"""What the console uses of Textual that is private to it, since Textual has no public way to it.

- Textual paints the whole terminal for a change below a dialog, and each changed line from the left edge of its widget.
- It does not tell whether the terminal has taken what was sent; who writes too much waits for it.
- It remembers a thousand painted widgets of screens that are gone.

Beside these, `_compositor_refresh`, `_display` and `_fatal_error` are overridden. `test_textual_internals` fails where
a release of Textual changes any of it.
"""

# ruff: noqa: SLF001 - it is the one file in which that is allowed

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual._compositor import ChopsUpdate
from textual._styles_cache import StylesCache

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.console import RenderableType
    from textual.app import App
    from textual.driver import Driver
    from textual.geometry import Region
    from textual.screen import Screen
    from textual.strip import Strip

__all__ = [
    "ChopsUpdate",
    "forget_painted",
    "is_seen_through",
    "lines_of",
    "repaint_from_below",
    "update_of",
    "waiting_writes",
]


def is_seen_through(app: App[Any], screen: Screen[Any]) -> bool:
    """Whether a screen lies below others of its app and is seen."""
    return screen is not app.screen and screen in app._background_screens


def repaint_from_below(top: Screen[Any], lower: Screen[Any]) -> None:
    """Have `top` paint what has changed of `lower`, which is seen through it."""
    changed = lower._compositor._dirty_regions
    if changed:
        # Not by `refresh`, for which the upper screen is painted alone, and what changed in its widgets is lost.
        top._set_dirty(*changed)
        top._dirty_widgets.add(top)
        top.check_idle()
        changed.clear()
        lower._dirty_widgets.clear()


def lines_of(screen: Screen[Any]) -> list[Strip]:
    """The lines of a screen, all widgets together."""
    return screen._compositor.render_strips()


def update_of(app: App[Any], regions: Collection[Region] | None) -> RenderableType | None:
    """The update that paints parts of the screen on top anew; all of it for None."""
    compositor = app.screen._compositor
    compositor._dirty_regions.update(regions or ())
    return compositor.render_update(regions is None, app._background_screens)


def waiting_writes(driver: Driver | None) -> int:
    """How many writes the terminal has not taken yet."""
    writer = getattr(driver, "_writer_thread", None)
    return writer._queue.qsize() if writer is not None else 0


def forget_painted() -> None:
    """Let go of what was painted of widgets, by the colours that they were on."""
    StylesCache.get_inner_outer.cache_clear()
