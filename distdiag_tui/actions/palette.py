"""The command palette: every act by its name, from the same list as the keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from distdiag_tui.actions.registry import ACTS, OF_APP, Act, spoken

if TYPE_CHECKING:
    from distdiag_tui.app import DistdiagApp


class ActProvider(Provider):
    """Offers the acts of the main screen; those that are refused say why."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for act in self._acts():
            yield DiscoveryHit(self._title(act), partial(self._console.action_act, act.id), help=self._help(act))

    async def search(self, query: str) -> Hits:
        """Those that match what was typed."""
        matcher = self.matcher(query)
        for act in self._acts():
            title = self._title(act)
            if (score := matcher.match(title)) > 0:
                yield Hit(
                    score, matcher.highlight(title), partial(self._console.action_act, act.id), help=self._help(act)
                )

    @property
    def _console(self) -> DistdiagApp:
        return cast("DistdiagApp", self.app)

    def _acts(self) -> list[Act]:
        return [act for act in ACTS if act.scope in OF_APP and act.group != "Move" and act.id != "palette"]

    def _title(self, act: Act) -> str:
        return f"{act.title}  ({spoken(self._console.keys.get(act.id, act.keys))})"

    def _help(self, act: Act) -> str:
        reason = self._console.refused(act)
        return f"not now: {reason}" if reason else f"{act.what}{' - asks first' if act.dangerous else ''}"
