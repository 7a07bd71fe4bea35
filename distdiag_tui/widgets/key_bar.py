"""The last line of a screen: its keys, from the same list that binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.registry import ACTIONS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from textual import events

    from distdiag_tui.actions.action import Action, Scope
    from distdiag_tui.drawing.lines import Line


# What leads on from anywhere keeps its place where there is little.
_KEPT = ("close", "help", "quit")


def fitting(labels: Mapping[str, Line], width: int, spare: Collection[str] = ()) -> Line:
    """The labels of actions in their order, as many as have room as a whole, and in any case those that lead on.

    Args:
        spare: those that give way to all others.
    """
    # The blank behind the last one may be cut off.
    left, chosen = width + 1, set[str]()
    for name in sorted(labels, key=lambda name: (name not in _KEPT, name in spare)):
        if width_of(labels[name]) > left and name not in _KEPT:
            break
        chosen.add(name)
        left -= width_of(labels[name])
    return tuple(span for name, label in labels.items() if name in chosen for span in label)


class KeyBar(LineView):
    """Shows the actions of some scopes that have a label for the footer; what is refused is muted."""

    DEFAULT_CSS = """
    KeyBar { height: 1; dock: bottom; background: $panel; overflow-y: hidden; }
    """

    def __init__(
        self,
        *scopes: Scope,
        keys: Mapping[str, str] | None = None,
        refused: Callable[[Action], str] | None = None,
        shown: Callable[[Action], bool] | None = None,
    ) -> None:
        super().__init__()
        self._actions = [action for action in ACTIONS if action.footer and action.scope in scopes]
        self._keys = keys or {}
        self._refused = refused or (lambda _: "")
        self._shown = shown

    def repaint(self) -> None:
        """Show which actions are allowed now."""
        shown = [*filter(self._shown, self._actions)] if self._shown else self._actions
        labels = {action.id: self._label(action) for action in shown}
        spare = {action.id for action in shown if action.spare}
        self.show_lines([fitting(labels, self.size.width, spare)])

    def _label(self, action: Action) -> Line:
        key = key_label(self._keys.get(action.id, action.keys), first=True)
        muted = bool(self._refused(action))
        return ((f" {key}", "muted" if muted else "warn"), (f" {action.footer} ", "muted" if muted else "plain"))

    def on_mount(self) -> None:
        """Paint the keys for the first time."""
        self.repaint()

    def on_resize(self, event: events.Resize) -> None:
        """Textual drops the lines' cache with the size."""
        self.repaint()
