"""All keys, from the list that binds them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_core import places
from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.registry import ACTIONS
from distdiag_tui.drawing.lines import BLANK, Line, Span, block, fit, width_of
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.app import ComposeResult

    from distdiag_tui.actions.action import Action

_ASKS = "asks first"
# Where a description begins that stands below key, title and name; the least that is worth beginning behind them.
_BELOW_AT, _LEAST_ROOM = 14, 30


class HelpScreen(Dialog[None]):
    """The help: every action with its keys, one line each, grouped."""

    def compose(self) -> ComposeResult:
        """The list of actions and the keys under it."""
        with Vertical(classes="box") as box:
            box.border_title = "KEYS"
            yield TextPane()
            yield self.key_bar()

    def on_resize(self) -> None:
        """Wrap the descriptions as wide as the list has become."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        pane = self.query_one(TextPane)
        view = self.console.view
        stand_in = view.snapshot.stand_in if view is not None else ""
        refused = frozenset(action.id for action in ACTIONS if self.console.refused(action))
        pane.show_lines(help_lines(self.console.shell.keys, pane.line_width, refused, stand_in))


def help_lines(keys: Mapping[str, str], width: int, refused: Collection[str] = (), stand_in: str = "") -> list[Line]:
    """The actions by group, with the keys that hold for this operator; descriptions go on under themselves.

    Args:
        refused: the ids of actions that cannot be called now, which are muted and stand last in their group.
        stand_in: what is shown in place of a cluster, for instance `a replay`; empty for a cluster.
    """
    lines: list[Line] = []
    if stand_in:
        said = f"This is {stand_in}: keys in grey do nothing here."
        lines += [BLANK, *block(" ", said, width)]
    for group, actions in groupby(ACTIONS, key=lambda action: action.group):
        lines += [BLANK, ((f" {group}", "accent"),)]
        for action in sorted(actions, key=lambda each: each.id in refused):
            named = _action_lines(action, keys.get(action.id, action.keys), width)
            lines += map(_muted, named) if action.id in refused else named
    own = f"{places.config_dir() / 'keymap.yaml'}, a line per action: inject: f5"
    return [*lines[1:], BLANK, *block(" Your own keys: ", own, width, "muted")]


def _muted(line: Line) -> Line:
    return tuple((text, "muted") for text, _ in line)


def _action_lines(action: Action, keys: str, width: int) -> list[Line]:
    named: Line = (
        (f"  {fit(key_label(keys), 12)}", "warn"),
        (f"{fit(action.title, 24)}", "plain"),
        (f"{fit(action.id, 15)}", "muted"),
    )
    asks: Line = ((f"; {_ASKS}", "warn"),) if action.dangerous else ()
    room = width - width_of(named) - width_of(asks)
    # Where a description has no room of its own, it stands below.
    if room < _LEAST_ROOM:
        fits = room >= 0
        below = action.what if fits or not asks else f"{action.what}; {_ASKS}"
        return [
            (*named, (f" {_ASKS}", "warn")) if fits and asks else named,
            *block(" " * _BELOW_AT, below, width, "muted"),
        ]
    first, *more = block("", action.what, room, "muted")
    indent: Span = (" " * width_of(named), "plain")
    lines: list[Line] = [(*named, *first), *((indent, *line) for line in more)]
    return [*lines[:-1], (*lines[-1], *asks)]
