"""The snapshots of a core, for whoever looks: those who subscribed, and those who wait for the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.runtime.snapshot import Snapshot


class SnapshotFeed:
    """The base of a core that publishes snapshots."""

    def __init__(self) -> None:
        self._newest: Snapshot | None = None
        self._ticked = asyncio.Condition()
        self._listeners: list[Callable[[Snapshot], None]] = []

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Call `listener` with every snapshot, on the loop of the core; it must not block."""
        self._listeners.append(listener)

    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first tick."""
        return self._newest

    async def next_snapshot(self) -> Snapshot:
        """The next one that is published."""
        async with self._ticked:
            await self._ticked.wait()
        if self._newest is None:
            raise AssertionError("a tick has passed without a snapshot")
        return self._newest

    async def _publish(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        for listener in self._listeners:
            listener(snapshot)
        async with self._ticked:
            self._ticked.notify_all()
