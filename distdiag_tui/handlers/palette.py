"""The command palette: every action by its name, from the same list as the keys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.registry import ACTIONS, OF_APP
from distdiag_tui.drawing import theme_files

if TYPE_CHECKING:
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console.console import Console, ShowsClusters


# What cannot be called now stands below whatever matches nearly as well.
_OF_REFUSED = 0.5


class ThemeCommands(Provider):
    """Offers the themes to what is typed; the settings screen lists them all."""

    async def search(self, query: str) -> Hits:
        """List the themes that match what was typed."""
        matcher = self.matcher(query)
        for name in ("auto", *theme_files.names()):
            if (score := matcher.match(f"Theme: {name}")) > 0:
                yield Hit(score, matcher.highlight(f"Theme: {name}"), partial(self._take, name), help="Kept, as in F2")

    def _take(self, name: str) -> None:
        console = cast("ShowsClusters", self.app).current
        console.shell.change_settings(replace(console.shell.settings, theme=name))


class ActionCommands(Provider):
    """Offers the actions of the main screen; those that are refused say why."""

    async def discover(self) -> Hits:
        """List all actions before anything is typed, first those that can be called now."""
        for action in sorted(self._actions(), key=lambda each: bool(self._console.refused(each))):
            yield DiscoveryHit(
                self._title(action), partial(self._console.action_perform, action.id), help=self._help(action)
            )

    async def search(self, query: str) -> Hits:
        """List the actions that match what was typed."""
        matcher = self.matcher(query)
        for action in self._actions():
            title = self._title(action)
            if (score := matcher.match(title)) > 0:
                yield Hit(
                    score * _OF_REFUSED if self._console.refused(action) else score,
                    matcher.highlight(title),
                    partial(self._console.action_perform, action.id),
                    help=self._help(action),
                )

    @property
    def _console(self) -> Console:
        return cast("ShowsClusters", self.app).current

    def _actions(self) -> list[Action]:
        return [
            action for action in ACTIONS if action.scope in OF_APP and action.group != "Move" and action.id != "palette"
        ]

    def _title(self, action: Action) -> str:
        return f"{action.title}  ({key_label(self._console.shell.keys.get(action.id, action.keys))})"

    def _help(self, action: Action) -> str:
        reason = self._console.refused(action)
        return f"not now: {reason}" if reason else f"{action.what}{' - asks first' if action.dangerous else ''}"
