"""The parts of a screen that have changed while its terminal did not take what was sent to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from distdiag_tui.drawing.textual_internals import ChopsUpdate

if TYPE_CHECKING:
    from textual.screen import Screen

# Beyond so many the whole screen costs no more.
_REGIONS_AT_MOST = 500


class HeldUpdate:
    """What is to be painted as soon as the terminal takes it, in place of every update that was held back."""

    def __init__(self) -> None:
        self._screen: Screen[object] | None = None
        self._regions: set[Region] | None = set()

    def __bool__(self) -> bool:
        """Whether anything was held back."""
        return self._screen is not None

    def add(self, screen: Screen[object], update: object) -> None:
        """Hold back an update of a screen."""
        other = self._screen not in (None, screen)
        self._screen = screen
        if self._regions is None or other or not isinstance(update, ChopsUpdate):
            self._regions = None
            return
        self._regions |= {Region(first, y, after - first, 1) for y, first, after in update.spans}
        if len(self._regions) > _REGIONS_AT_MOST:
            self._regions = None

    def take(self, screen: Screen[object]) -> set[Region] | None:
        """The parts of `screen`, the one on top, that must be painted; None for all of it. Nothing is held any more."""
        found = self._regions if screen is self._screen else None
        self._screen, self._regions = None, set()
        return found
