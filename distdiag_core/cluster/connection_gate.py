"""How many connections of a cluster are begun at once, and how far attempts after a common break are spread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.cluster.spread import Spread

if TYPE_CHECKING:
    from types import TracebackType

# Connecting costs this machine ten milliseconds of cryptography, and by the local network takes a tenth of a second.
_AT_ONCE = 32
# An attempt that takes longer waits for the node, which costs this machine nothing: it keeps no other node waiting.
_OWN_WORK_S = 0.5


class ConnectionGate:
    """The gate of the links of a cluster.

    Args:
        at_once: how many attempts may be in their first half second.

    Attributes:
        broken: the delays of links that are broken.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)
        self.broken = Spread()

    async def enter(self) -> Place:
        """Wait for a place."""
        await self._places.acquire()
        return Place(self._places)


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
