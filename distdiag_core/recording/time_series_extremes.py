"""A long time series brought to a number of columns with its extremes kept, by M4 aggregation.

M4 keeps the first, the last, the lowest and the highest value of each column of the picture, by which a line drawn over
the columns is the same as one drawn over every value (Jugel, Jerzak, Hackenbroich, Markl: M4, A Visualization-Oriented
Time Series Data Aggregation, PVLDB 7(10), 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True, eq=False)
class Extremes:
    """Values of N time series in columns of equal length.

    Attributes:
        nodes: the names of the time series.
        first, last, lowest, highest: shape (N, columns); NaN in a column without a known value, which is a gap.
    """

    nodes: tuple[str, ...]
    start_s: float
    end_s: float
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]

    @classmethod
    def empty(cls, nodes: tuple[str, ...], start_s: float, end_s: float, columns: int) -> Self:
        """All columns unknown."""
        unknown = (np.full((len(nodes), columns), np.nan) for _ in range(4))
        return cls(nodes, start_s, end_s, *unknown)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.first.shape[1])

    @property
    def column_s(self) -> float:
        """The length of a column."""
        return (self.end_s - self.start_s) / self.columns

    def add(self, nodes: tuple[str, ...], times_s: NDArray[np.float64], values: Array) -> None:
        """Take in values that are later than those of before; nodes that are not among `nodes` are passed over.

        Args:
            times_s: shape (T,).
            values: shape (len(nodes), T), NaN where unknown.
        """
        place = np.floor((times_s - self.start_s) / self.column_s).astype(np.int64)
        on_axis = np.flatnonzero((place >= 0) & (place < self.columns))
        # The wall clock may have been set back on the way.
        on_axis = on_axis[np.argsort(place[on_axis], kind="stable")]
        for row, node in enumerate(self.nodes):
            if node in nodes:
                self._add_row(row, place[on_axis], values[nodes.index(node), on_axis].astype(np.float64))

    def fill(self, node: str, times_s: NDArray[np.float64], values: NDArray[np.float64]) -> int:
        """Take in the values of columns that are unknown so far; how many columns those are.

        Args:
            times_s: shape (T,), ascending.
            values: shape (T,).
        """
        if node not in self.nodes:
            return 0
        row = self.nodes.index(node)
        place = np.floor((times_s - self.start_s) / self.column_s).astype(np.int64)
        at = np.flatnonzero((place >= 0) & (place < self.columns))
        at = at[np.isnan(self.lowest[row, place[at]])]
        self._add_row(row, place[at], values[at])
        return len(np.unique(place[at]))

    def _add_row(self, row: int, place: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        known = np.isfinite(values)
        place, values = place[known], values[known]
        if not len(values):
            return
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        at = place[starts]
        self.lowest[row, at] = np.fmin(self.lowest[row, at], np.minimum.reduceat(values, starts))
        self.highest[row, at] = np.fmax(self.highest[row, at], np.maximum.reduceat(values, starts))
        self.first[row, at] = np.where(np.isnan(self.first[row, at]), values[starts], self.first[row, at])
        self.last[row, at] = values[np.append(starts[1:], len(values)) - 1]

    def copy(self) -> Extremes:
        """The values as they are now."""
        parts = (each.copy() for each in (self.first, self.last, self.lowest, self.highest))
        return Extremes(self.nodes, self.start_s, self.end_s, *parts)
