"""The last line of a screen: its keys, from the same list that binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.actions.registry import ACTS, Act, Scope, spoken
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events

    from distdiag_tui.drawing.lines import Span


class KeyBar(LineView):
    """Shows the acts of some scopes that have a word for the footer; what is refused is muted."""

    DEFAULT_CSS = """
    KeyBar { height: 1; dock: bottom; background: $panel; overflow-y: hidden; }
    """

    def __init__(
        self, *scopes: Scope, keys: Mapping[str, str] | None = None, refused: Callable[[Act], str] | None = None
    ) -> None:
        super().__init__()
        self._acts = [act for act in ACTS if act.footer and act.scope in scopes]
        self._keys = keys or {}
        self._refused = refused or (lambda _: "")

    def repaint(self) -> None:
        """Show which acts are allowed now."""
        spans: list[Span] = []
        for act in self._acts:
            key = spoken(self._keys.get(act.id, act.keys), first=True)
            muted = bool(self._refused(act))
            spans += [(f" {key}", "muted" if muted else "warn"), (f" {act.footer} ", "muted" if muted else "plain")]
        self.show_lines([tuple(spans)])

    def on_mount(self) -> None:
        """The first time."""
        self.repaint()

    def on_resize(self, event: events.Resize) -> None:
        """Textual drops the lines' cache with the size."""
        self.repaint()
