"""How many connections of a cluster are begun at once, and how far attempts after a common break are spread."""

from __future__ import annotations

import asyncio
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# Connecting costs this machine ten milliseconds of cryptography, and by the local network takes a tenth of a second.
_AT_ONCE = 32
# An attempt that takes longer waits for the node, which costs this machine nothing: it keeps no other node waiting.
_OWN_WORK_S = 0.5
# So that connections that broke together use half a processor while they are made anew, and ticks go on meanwhile.
_SPREAD_PER_LINK_S, _MOST_SPREAD_S = 0.02, 10.0


class ConnectionGate:
    """The gate of the links of a cluster.

    Args:
        at_once: how many attempts may be in their first half second.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._broken = 0

    async def enter(self) -> Place:
        """Wait for a place."""
        await self._places.acquire()
        return Place(self._places)

    @contextmanager
    def broken(self) -> Iterator[float]:
        """A link is broken while the context lasts; how long to wait beyond its own delay, so that all are spread."""
        self._broken += 1
        try:
            # One alone is not delayed.
            spread_s = min(_MOST_SPREAD_S, _SPREAD_PER_LINK_S * (self._broken - 1))
            yield spread_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it
        finally:
            self._broken -= 1


class Place:
    """A place in the gate; it is given back at the end of the context, and after half a second in any case."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._timer = asyncio.get_running_loop().call_later(_OWN_WORK_S, self._give_back)
        self._held = True

    def __enter__(self) -> None:
        """It is held since it was given."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self._timer.cancel()
        self._give_back()

    def _give_back(self) -> None:
        if self._held:
            self._held = False
            self._places.release()
