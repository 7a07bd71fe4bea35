"""All keys, from the list that binds them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_core import places
from distdiag_tui.actions.registry import ACTIONS, key_label
from distdiag_tui.drawing.lines import BLANK, Line, Span, block, fit
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult


_ASKS = " asks first"
# Where the description begins behind key, title and name, and below them; the least that is worth beginning there.
_WHAT_AT, _BELOW_AT, _LEAST_ROOM = 53, 14, 30


class HelpScreen(Dialog[None]):
    """The help: every action with its keys, one line each, grouped."""

    def compose(self) -> ComposeResult:
        """The list of actions and the keys under it."""
        with Vertical(classes="box") as box:
            box.border_title = "KEYS"
            yield TextPane()
            yield KeyBar("dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """Paint the list once its width is known."""
        self.call_after_refresh(self._paint)

    def on_resize(self) -> None:
        """Wrap the descriptions anew."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        pane = self.query_one(TextPane)
        pane.show_lines(help_lines(self.console.keys, pane.line_width))


def help_lines(keys: Mapping[str, str], width: int) -> list[Line]:
    """The actions by group, with the keys that hold for this operator; descriptions go on under themselves."""
    lines: list[Line] = []
    for group, actions in groupby(ACTIONS, key=lambda action: action.group):
        lines += [BLANK, ((f" {group}", "accent"),)]
        for action in actions:
            marks: list[Span] = [(_ASKS, "warn")] if action.dangerous else []
            room = width - _WHAT_AT - len(_ASKS) * action.dangerous
            # Where a description has no room of its own, it stands below.
            below = room < _LEAST_ROOM
            first, *more = block("", action.what, width - _BELOW_AT if below else room, "muted")
            lines.append((
                (f"  {fit(key_label(keys.get(action.id, action.keys)), 12)}", "warn"),
                (f"{fit(action.title, 24)}", "plain"),
                (f"{fit(action.id, 15)}", "muted"),
                *(() if below else first),
                *marks,
            ))  # fmt: skip
            indent: Span = (" " * (_BELOW_AT if below else _WHAT_AT), "plain")
            lines += [(indent, *line) for line in ([first, *more] if below else more)]
    lines += [
        BLANK,
        ((f" Your own keys: {places.config_dir() / 'keymap.yaml'}, a line per action: inject: f5", "muted"),),
    ]
    return lines[1:]
