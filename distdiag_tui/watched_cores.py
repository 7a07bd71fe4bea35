"""The cores that the app follows: that of the cluster, and, while the operator looks back, that of its past."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError
from distdiag_core.runtime import allocator
from distdiag_tui.messages import CoreEnded, SnapshotArrived
from distdiag_tui.views.anomaly_marks import remember
from distdiag_tui.views.fluctuation import Normals

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from textual.message import Message

    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.recording.events import Event
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.core import Core


class WatchedCore:
    """A core, its newest tick, and what is remembered of those before.

    Attributes:
        snapshot: the newest tick; None before the first.
        normals: what is normal on its nodes.
        remembered: of the newest hour, what was injected and diagnosed.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.snapshot: Snapshot | None = None
        self.normals: Normals | None = None
        self.remembered: tuple[AnomalyMark, ...] = ()

    def take(self, snapshot: Snapshot) -> tuple[Event, ...]:
        """Take in a tick; the events that are new with it, the oldest first. None are new at the first one."""
        before, self.snapshot = self.snapshot, snapshot
        if self.normals is None or not self.normals.hold_for(snapshot):
            self.normals = Normals(snapshot)
        self.remembered = remember(self.remembered, snapshot)
        if before is None:
            return ()
        known_s = max((event.time_s for event in before.events), default=float("-inf"))
        return snapshot.events_after(known_s)


class WatchedCores:
    """The core of the cluster, which goes on, and that of its past, of which `shown` is seen.

    Args:
        core: of the cluster.
        post: takes the messages of the cores, in their threads.

    Attributes:
        past: None unless the operator looks back.
    """

    def __init__(self, core: Core, post: Callable[[Message], object]) -> None:
        self.live = WatchedCore(core)
        self.past: WatchedCore | None = None
        self._post = post

    @property
    def shown(self) -> WatchedCore:
        """The core whose ticks are seen: that of the past as soon as it has one."""
        return self.live if self.past is None or self.past.snapshot is None else self.past

    def of(self, core: Core) -> WatchedCore | None:
        """What is known of a core; None for a past that was left."""
        return next((each for each in (self.live, self.past) if each is not None and each.core is core), None)

    async def start(self) -> None:
        """Start the core of the cluster.

        Raises:
            DistdiagError: it could not begin.
        """
        await self._start(self.live.core)

    async def look_back(self, past: Core) -> None:
        """Start the core of a past and show it; that it cannot begin is told as its end."""
        self.come_back()
        self.past = WatchedCore(past)
        try:
            await self._start(past)
        except DistdiagError as error:
            self._post(CoreEnded(error, past))
        if self.of(past) is None:
            # It was left before it had begun.
            await asyncio.to_thread(past.stop)

    def come_back(self) -> bool:
        """Leave the past; False where there is none."""
        past, self.past = self.past, None
        if past is None:
            return False
        # It ends by itself; what it still sends is passed over.
        threading.Thread(target=_end_past, args=(past.core,), name="distdiag-past", daemon=True).start()
        return True

    async def stop(self) -> None:
        """End all."""
        past, self.past = self.past, None
        if past is not None:
            await asyncio.to_thread(past.core.stop)
        await asyncio.to_thread(self.live.core.stop)

    async def _start(self, core: Core) -> None:
        def listen(snapshot: Snapshot) -> None:
            self._post(SnapshotArrived(snapshot, core))

        def ended(future: Future[None]) -> None:
            self._post(CoreEnded(None if future.cancelled() else future.exception(), core))

        await asyncio.to_thread(core.start, listen)
        core.finished.add_done_callback(ended)


def _end_past(core: Core) -> None:
    """What its model and its recording took is not needed until the next look into the past."""
    core.stop()
    allocator.give_back()
