"""Where the rows that are learned from are kept: here in memory; elsewhere is for whoever has a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask


class Rows(Protocol):
    """S rows of F columns, of which only a part need be in memory at a time."""

    def __len__(self) -> int: ...

    def parts(self) -> Iterator[Array]:
        """All rows in their order, some at a time."""
        ...

    def of(self, chosen: Mask) -> Rows:
        """Some of them; `chosen` has shape (S,)."""
        ...

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these places, shape (len(places), F)."""
        ...

    def with_more(self, more: Array) -> Rows:
        """These, then others."""
        ...


class Store(Protocol):
    """Takes rows in, some at a time."""

    def add(self, rows: Array) -> None:
        """Append rows of shape (n, F)."""
        ...

    def rows(self) -> Rows:
        """All that were taken in."""
        ...


class Held:
    """Rows in memory, as one array."""

    def __init__(self, rows: Array) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def parts(self) -> Iterator[Array]:
        """The one part that there is."""
        yield self._rows

    def of(self, chosen: Mask) -> Held:
        """Some of them."""
        return Held(self._rows[chosen])

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these places."""
        return self._rows[places]

    def with_more(self, more: Array) -> Held:
        """These, then others."""
        return Held(np.concatenate((self._rows, more)))


class HeldStore:
    """Takes rows in and keeps them in memory."""

    def __init__(self) -> None:
        self._parts: list[Array] = []

    def add(self, rows: Array) -> None:
        """Append rows."""
        self._parts.append(rows)

    def rows(self) -> Held:
        """All that were taken in."""
        return Held(np.concatenate(self._parts))
