"""The values of all metrics of all nodes: at one tick, and over a stretch of ticks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Collection

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The values of one tick.

    Attributes:
        time_s: when the tick was due, in seconds since the epoch, on the clock of the run (`clock.now_s`).
        nodes: names, N of them.
        metrics: names, M of them.
        values: shape (N, M), in the units of the catalogue; counters are rates; NaN where unknown. Read-only.
        late: the nodes that did not answer in time.
        clock_offset_s: the wall clock minus `time_s`; zero until the wall clock is set.
    """

    time_s: float
    nodes: tuple[str, ...]
    metrics: tuple[str, ...]
    values: Array
    late: frozenset[str] = frozenset()
    clock_offset_s: float = 0.0

    @property
    def wall_s(self) -> float:
        """When the tick was due by the wall clock, which somebody may set."""
        return self.time_s + self.clock_offset_s

    def value(self, node: str, metric: str) -> float:
        """One value; NaN where it is unknown or not collected."""
        try:
            return float(self.values[self.nodes.index(node), self.metrics.index(metric)])
        except ValueError:
            return float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The values of T consecutive ticks.

    Attributes:
        times_s: shape (T,), seconds since the epoch.
        values: shape (N, M, T), as in `Frame`. Read-only.
    """

    times_s: NDArray[np.float64]
    nodes: tuple[str, ...]
    metrics: tuple[str, ...]
    values: Array

    def __len__(self) -> int:
        return len(self.times_s)

    def series(self, node: str, metric: str) -> Array:
        """One metric of one node, shape (T,); all NaN where it is not collected."""
        if node not in self.nodes or metric not in self.metrics:
            return np.full(len(self), np.nan, dtype=np.float32)
        series: Array = self.values[self.nodes.index(node), self.metrics.index(metric)]
        return series

    def last(self, ticks: int) -> Window:
        """The window of the newest `ticks` ticks, or of all where there are fewer."""
        start = max(0, len(self) - ticks)
        return Window(self.times_s[start:], self.nodes, self.metrics, self.values[:, :, start:])

    def with_metrics(self, names: Collection[str]) -> Window:
        """The window with those of its metrics that are named."""
        places = [place for place, metric in enumerate(self.metrics) if metric in names]
        metrics = tuple(self.metrics[place] for place in places)
        return Window(self.times_s, self.nodes, metrics, self.values[:, places])

    def without_metrics(self, names: Collection[str]) -> Window:
        """The window without those of its metrics that are named."""
        return self.with_metrics([metric for metric in self.metrics if metric not in names]) if names else self

    def of_node(self, place: int) -> Window:
        """The window of the node at this place alone."""
        return Window(self.times_s, self.nodes[place : place + 1], self.metrics, self.values[place : place + 1])
