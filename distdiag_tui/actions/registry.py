"""The registry of actions: the keys and texts of each, and what it needs to be allowed.

Footer, help, command palette, read-only mode and the user's own keys all read this list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from distdiag_tui.actions.dialog_actions import DIALOG_ACTIONS
from distdiag_tui.actions.main_actions import MAIN_ACTIONS

if TYPE_CHECKING:
    from distdiag_tui.actions.action import Action, Scope

ACTIONS: tuple[Action, ...] = (*MAIN_ACTIONS, *DIALOG_ACTIONS)
"""In the order of the help."""

BY_ID = {action.id: action for action in ACTIONS}
OF_APP: tuple[Scope, ...] = ("main", "collect", "everywhere", "live", "replay")
"""The scopes whose actions the app does, wherever they are called."""


def bindings(*scopes: Scope) -> list[BindingType]:
    """The keys of these scopes, for a class's BINDINGS; actions of the app go through its gate."""
    return [
        Binding(
            action.keys,
            f"app.perform('{action.id}')" if action.scope in OF_APP else action.textual_action,
            action.footer or action.title,
            show=bool(action.footer),
            tooltip=action.what,
            id=action.id,
            priority=action.scope == "everywhere",
        )
        for action in ACTIONS
        if action.scope in scopes
    ]
