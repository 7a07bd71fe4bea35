"""Text that is scrolled by keys."""

from __future__ import annotations

from distdiag_tui.widgets.line_view import LineView


class TextPane(LineView, can_focus=True):
    """As high as its place allows."""

    DEFAULT_CSS = "TextPane { height: 1fr; scrollbar-gutter: stable; }"
