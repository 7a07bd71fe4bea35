"""Text that is scrolled by keys."""

from __future__ import annotations

from distdiag_tui.widgets.line_view import LineView


class Reader(LineView, can_focus=True):
    """As high as its place allows."""

    DEFAULT_CSS = "Reader { height: 1fr; scrollbar-gutter: stable; }"
