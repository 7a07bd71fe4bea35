"""How far apart those begin again that failed together."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Begun anew, a connection takes ten milliseconds of a processor: half a processor is used, and ticks go on meanwhile.
_EACH_S, _MOST_S = 0.02, 10.0


class Spread:
    """The delays of those that wait to begin again at the same time."""

    def __init__(self) -> None:
        self._waiting = 0

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """One more waits while the context lasts; for how long, so that all are spread."""
        self._waiting += 1
        try:
            # One alone is not delayed.
            longest_s = min(_MOST_S, _EACH_S * (self._waiting - 1))
            yield longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it
        finally:
            self._waiting -= 1
