"""The page of the keys, from the registry of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.registry import ACTIONS
from tests.pages.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_tui.actions.action import Action

_INTRODUCTION = """\
# Keys

Every key of the console, made from the registry of actions by `make reference`: change that, not this page. `?` shows
those of the place where you are, `^p` finds an action by its name (`^` is Ctrl). Keys of your own stand in
`~/.config/distdiag/keymap.yaml`, a line per action with several keys separated by commas, for instance `inject: f5`;
two actions of one place cannot share a key.

"""
# Where an action can be called, in words.
_PLACES = {
    "everywhere": "everywhere, dialogs included",
    "main": "main screen",
    "live": "main screen, live",
    "replay": "main screen, in a replay or in the past",
    "collect": "main screen and dataset",
    "list": "lists and the wall",
    "table": "the wall and lists that can be filtered",
    "copy": "wall, lists and texts",
    "wall": "the wall",
    "checklist": "a list of nodes",
    "dialog": "dialogs and pages",
    "injection": "injection",
    "form": "forms",
    "field": "a field of a form",
    "select": "a field with arrows",
    "filter": "the field of a filter",
    "evidence": "root cause and incident",
    "asked": "what was asked of a database",
    "history": "hours and days",
    "graph": "compound anomaly graph",
    "side-by-side": "models side by side",
}


def page() -> str:
    """The whole page."""
    groups = dict.fromkeys(action.group for action in ACTIONS)
    return _INTRODUCTION + "\n".join(f"## {group}\n\n{table(_HEADER, _rows(group))}" for group in groups)


_HEADER = ("key", "action", "what it does", "where", "name in keymap.yaml")


def _rows(group: str) -> Iterator[tuple[str, ...]]:
    for action in ACTIONS:
        if action.group == group:
            keys = " ".join(f"`{label}`" for label in key_label(action.keys).split())
            yield (
                keys,
                action.title,
                _what(action),
                _PLACES.get(action.scope, action.scope.replace("-", " ")),
                f"`{action.id}`",
            )


def _what(action: Action) -> str:
    limits = []
    if action.needs_write:
        limits.append("not on a read-only cluster")
    if action.needs_cluster:
        limits.append("not in a replay")
    return f"{action.what} ({', '.join(limits)})" if limits else action.what
