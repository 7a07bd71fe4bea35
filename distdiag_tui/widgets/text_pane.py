"""Text that is scrolled by keys."""

from __future__ import annotations

from distdiag_tui.widgets.line_view import LineView


class TextPane(LineView, can_focus=True):
    """A pane of text, as high as its place allows and scrolled by keys."""

    DEFAULT_CSS = "TextPane { height: 1fr; scrollbar-gutter: stable; }"
