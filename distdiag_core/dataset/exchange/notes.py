"""What an import took for something, in words for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Notes:
    """Notes of one import; each is passed on once.

    Attributes:
        known_anomalies: names that need no note.
    """

    def __init__(
        self, tell: Callable[[str], None] | None = None, known_anomalies: frozenset[str] = frozenset()
    ) -> None:
        self.known_anomalies = known_anomalies
        self._tell = tell
        self._told: set[str] = set()

    def add(self, text: str, where: str = "") -> None:
        """Pass a note on unless it was before."""
        note = f"{where}: {text}" if where else text
        if note in self._told:
            return
        self._told.add(note)
        if self._tell is not None:
            self._tell(note)
