"""Throughput and latency of the clients over an experiment of any length, gathered from the history of the core."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from distdiag_core.runtime.operations import CampaignOperations

_METRICS = ("workload.tps", "workload.p95")
# The history of the core is ten minutes long: what is taken over so often is never lost.
_TAKEN_EVERY_S = 60.0


class LoadSeries:
    """Two values for each node and tick since it was made, 8 bytes together, whatever else the core samples.

    Args:
        core: whose history is followed while `following` lasts.
    """

    def __init__(self, core: CampaignOperations) -> None:
        self._core = core
        self._taken_s = -np.inf
        self._parts: list[Window] = []

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Take over the history now and then while the body lasts, and what is left of it at the end."""
        self._take(0.0)
        follower = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
            self._take(0.0)

    def window(self) -> Window:
        """All that was taken over."""
        if not self._parts:
            raise AssertionError("the series was not followed")
        first = self._parts[0]
        return Window(
            np.concatenate([each.times_s for each in self._parts]),
            first.nodes,
            first.metrics,
            np.concatenate([each.values for each in self._parts], axis=2),
        )

    async def _follow(self) -> None:
        while True:
            await self._core.next_snapshot()
            self._take(_TAKEN_EVERY_S)

    def _take(self, least_s: float) -> None:
        """Take over what is newer than the last; nothing where that is less than `least_s`."""
        snapshot = self._core.snapshot()
        if snapshot is None or snapshot.frame.time_s - self._taken_s < least_s:
            return
        window = snapshot.window
        newer = int(np.searchsorted(window.times_s, self._taken_s, side="right"))
        self._taken_s = snapshot.frame.time_s
        values = np.stack([np.stack([window.series(node, name) for name in _METRICS]) for node in window.nodes])
        self._parts.append(Window(window.times_s[newer:].copy(), window.nodes, _METRICS, values[:, :, newer:]))
