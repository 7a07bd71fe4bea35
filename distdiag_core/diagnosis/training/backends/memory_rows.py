"""Rows of a training in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask


class MemoryRows:
    """Rows in memory, as one array of shape (S, F)."""

    def __init__(self, rows: Array) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def parts(self) -> Iterator[Array]:
        """All rows as one part."""
        yield self._rows

    def select(self, chosen: Mask) -> MemoryRows:
        """The rows where `chosen`, shape (S,), is true."""
        return MemoryRows(self._rows[chosen])

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these indices."""
        return self._rows[places]

    def with_more(self, more: Array) -> MemoryRows:
        """These rows followed by others."""
        return MemoryRows(np.concatenate((self._rows, more)))


class MemoryRowStore:
    """Collector of rows in memory."""

    def __init__(self) -> None:
        self._parts: list[Array] = []

    def add(self, rows: Array) -> None:
        """Append rows."""
        self._parts.append(rows)

    def rows(self) -> MemoryRows:
        """All rows that were added."""
        return MemoryRows(np.concatenate(self._parts))
