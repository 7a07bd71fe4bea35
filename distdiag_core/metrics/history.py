"""The newest frames in memory, as windows without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Frame


class History:
    """The newest `capacity` frames of one set of nodes and metrics.

    Rows are written once and never again: when the block is full, a new one is begun with the newest rows. A window
    that was handed out to another thread therefore never changes.
    """

    def __init__(self, nodes: tuple[str, ...], metrics: tuple[str, ...], capacity: int) -> None:
        self._nodes = nodes
        self._metrics = metrics
        self._capacity = capacity
        self._filled = 0
        self._times_s = np.empty(2 * capacity, dtype=np.float64)
        self._values = np.empty((2 * capacity, len(nodes), len(metrics)), dtype=np.float32)

    def append(self, frame: Frame) -> None:
        """Add the frame of one tick."""
        if self._filled == len(self._times_s):
            self._begin_block()
        self._times_s[self._filled] = frame.time_s
        self._values[self._filled] = frame.values
        self._filled += 1

    def window(self) -> Window:
        """The newest frames, at most `capacity`, as a read-only view."""
        rows = slice(max(0, self._filled - self._capacity), self._filled)
        times_s, values = self._times_s[rows], self._values[rows].transpose(1, 2, 0)
        times_s.flags.writeable = values.flags.writeable = False
        return Window(times_s, self._nodes, self._metrics, values)

    def _begin_block(self) -> None:
        kept = slice(self._filled - self._capacity, self._filled)
        times_s, values = np.empty_like(self._times_s), np.empty_like(self._values)
        times_s[: self._capacity] = self._times_s[kept]
        values[: self._capacity] = self._values[kept]
        self._times_s, self._values, self._filled = times_s, values, self._capacity
