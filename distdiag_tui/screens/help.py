"""All keys, from the list that binds them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_core import places
from distdiag_tui.actions.registry import ACTIONS, key_label
from distdiag_tui.drawing.lines import BLANK, Line, Span, fit
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult


class HelpScreen(Dialog[None]):
    """The help: every action with its keys, one line each, grouped."""

    def compose(self) -> ComposeResult:
        """The list of actions and the keys under it."""
        with Vertical(classes="box") as box:
            box.border_title = "KEYS"
            yield TextPane()
            yield KeyBar("dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """Paint the list in the width of the screen."""
        self.query_one(TextPane).show_lines(help_lines(self.console.keys))


def help_lines(keys: Mapping[str, str]) -> list[Line]:
    """The actions by group, with the keys that hold for this operator."""
    lines: list[Line] = []
    for group, actions in groupby(ACTIONS, key=lambda action: action.group):
        lines += [BLANK, ((f" {group}", "accent"),)]
        for action in actions:
            marks: list[Span] = [(" asks first", "warn")] if action.dangerous else []
            lines.append((
                (f"  {fit(key_label(keys.get(action.id, action.keys)), 12)}", "warn"),
                (f"{fit(action.title, 24)}", "plain"),
                (f"{fit(action.id, 15)}", "muted"),
                (action.what, "muted"),
                *marks,
            ))  # fmt: skip
    lines += [
        BLANK,
        ((f" Your own keys: {places.config_dir() / 'keymap.yaml'}, a line per action: inject: f5", "muted"),),
    ]
    return lines[1:]
