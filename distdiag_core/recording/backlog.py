"""A bounded queue between the loop that records and the thread that writes."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.recording.schema import Row


class Backlog:
    """At most `capacity` rows, the oldest lost first; any thread puts, one thread takes. `put` never waits."""

    def __init__(self, capacity: int) -> None:
        self._rows: deque[Row] = deque(maxlen=capacity)
        self._changed = threading.Condition()
        self._fresh = False
        self._closed = False
        self._lost = 0
        # Rows since the beginning: how many were put, were among the last that were taken or lost, and were written.
        self._put = self._taken = self._written = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def lost(self) -> int:
        """How many rows were dropped since the last `forget_lost`."""
        return self._lost

    def forget_lost(self) -> int:
        """Set `lost` to 0; return the old count."""
        with self._changed:
            lost, self._lost = self._lost, 0
        return lost

    def put(self, row: Row) -> None:
        """Add one row; returns at once."""
        with self._changed:
            self._lost += len(self._rows) == self._rows.maxlen
            self._rows.append(row)
            self._put += 1
            self._fresh = True
            self._changed.notify_all()

    def take(self) -> tuple[list[Row], bool]:
        """Wait for a new row, a `wait_written` or the close; return all rows, and whether they are the last ones.

        Rows that were put back do not end the wait: they come again with the next row.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fresh or self._closed)
            self._fresh = False
            self._taken = self._put
            rows = list(self._rows)
            self._rows.clear()
            return rows, self._closed

    def put_back(self, rows: Sequence[Row]) -> None:
        """Return rows that could not be written to the front of the queue."""
        with self._changed:
            everything = [*rows, *self._rows]
            self._rows.clear()
            self._rows.extend(everything)
            self._lost += len(everything) - len(self._rows)

    def mark_written(self) -> None:
        """The rows of the last `take` are on the disk."""
        with self._changed:
            self._written = self._taken
            self._changed.notify_all()

    def wait_written(self, timeout_s: float) -> bool:
        """Wait until every row that was put before this call is on the disk or lost; False where it is not in time."""
        with self._changed:
            wanted = self._put
            # What could not be written is tried again now, and not only with the next row.
            self._fresh = self._fresh or self._written < wanted
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._written >= wanted, timeout_s)

    def close(self) -> None:
        """No more rows will be put."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
