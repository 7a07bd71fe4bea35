"""What waits to be written: a bounded queue that never makes the one who puts wait."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.recording.schema import Row


class Backlog:
    """At most `capacity` rows, the oldest lost first; put by any thread, taken by one."""

    def __init__(self, capacity: int) -> None:
        self._rows: deque[Row] = deque(maxlen=capacity)
        self._changed = threading.Condition()
        self._fresh = False
        self._closed = False
        self._lost = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def lost(self) -> int:
        """How many rows had to make room since the last `forget_lost`."""
        return self._lost

    def forget_lost(self) -> int:
        """Begin to count anew; return the old count."""
        with self._changed:
            lost, self._lost = self._lost, 0
        return lost

    def put(self, row: Row) -> None:
        """Add one row; it returns at once."""
        with self._changed:
            self._lost += len(self._rows) == self._rows.maxlen
            self._rows.append(row)
            self._fresh = True
            self._changed.notify()

    def take(self) -> tuple[list[Row], bool]:
        """Wait for a new row or the close; all rows, and whether they are the last ones.

        Rows that were put back are no news: they come again together with the next one.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fresh or self._closed)
            self._fresh = False
            rows = list(self._rows)
            self._rows.clear()
            return rows, self._closed

    def put_back(self, rows: Sequence[Row]) -> None:
        """Return what could not be written, in front of what came since."""
        with self._changed:
            everything = [*rows, *self._rows]
            self._rows.clear()
            self._rows.extend(everything)
            self._lost += len(everything) - len(self._rows)

    def close(self) -> None:
        """No more rows will be put."""
        with self._changed:
            self._closed = True
            self._changed.notify()
