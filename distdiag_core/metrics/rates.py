"""The values of a frame from readings: rates of counters, ratios, and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.source import Reading

Values = NDArray[np.float64]
# Frames hold single precision; what does not fit there is no figure of a machine either.
_ABSURD = float(np.finfo(np.float32).max) / 2
# What is counted is never less than none. An engine that counts up and down by itself may lose some, and then says so.
_COUNTED = ("sessions", "connections", "threads", "processes")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A reading in the order of a table's keys; NaN where a key is missing."""

    clock_s: float
    raw: Values


class RateTable:
    """The conversion of the readings of one source to the values of its metrics.

    A rate is the growth of a counter over the time that has really passed between two readings. What is unknown
    (a counter that went back, a reading that is missing, two that lie too far apart) is NaN: never a spike, never
    below zero.

    Attributes:
        shortest_s: readings closer than this are not compared, because clocks of 10 ms make spikes of them.
        longest_s: readings further apart than this are not compared, because a mean over a gap describes neither end.
    """

    def __init__(self, metrics: Sequence[Metric], *, shortest_s: float, longest_s: float) -> None:
        self.shortest_s = shortest_s
        self.longest_s = longest_s
        self._keys = tuple(dict.fromkeys(key for metric in metrics for key in (metric.key, metric.per) if key))
        place = {key: index for index, key in enumerate(self._keys)}
        self._value = np.array([place[metric.key] for metric in metrics], dtype=np.intp)
        self._divisor = np.array([place[metric.per or metric.key] for metric in metrics], dtype=np.intp)
        self._is_counter = np.array([metric.kind == "counter" for metric in metrics], dtype=np.bool_)
        self._is_ratio = np.array([metric.per is not None for metric in metrics], dtype=np.bool_)
        self._scale = np.array([metric.scale for metric in metrics], dtype=np.float64)
        self._least = np.array([0.0 if metric.unit in _COUNTED else -np.inf for metric in metrics])
        # No part is more than its whole; a virtualised /proc may count back what was idle, and then it looks so.
        self._most = np.array([100.0 if metric.per and metric.unit == "%" else np.inf for metric in metrics])

    def sample(self, reading: Reading) -> Sample:
        """The reading in the order of the keys."""
        values = reading.values
        raw = np.array([values.get(key, np.nan) for key in self._keys], dtype=np.float64)
        return Sample(reading.clock_s, _known(raw))

    def values(self, before: Sample | None, now: Sample) -> Values:
        """The values at `now`, one for each metric, in their units; `before` is the base of the rates."""
        growth = self._growth(before, now)
        elapsed_s = now.clock_s - before.clock_s if before is not None else np.nan
        top = np.where(self._is_counter, growth[self._value], now.raw[self._value])
        ratio_of = np.where(self._is_counter, growth[self._divisor], now.raw[self._divisor])
        divisor = np.where(self._is_ratio, ratio_of, np.where(self._is_counter, elapsed_s, 1.0))
        values = np.full_like(top, np.nan)
        with np.errstate(over="ignore"):
            np.divide(top, divisor, out=values, where=divisor != 0)
            values *= self._scale
        capped: Values = np.clip(_known(values), self._least, self._most)
        return capped

    def next_base(self, before: Sample | None, now: Sample) -> Sample:
        """The base of the rates of the reading after `now`: `now`, unless it came too soon after `before`."""
        too_soon = before is not None and 0 < now.clock_s - before.clock_s < self.shortest_s
        return before if before is not None and too_soon else now

    def _growth(self, before: Sample | None, now: Sample) -> Values:
        """The growth of each key since `before`; NaN where it is unknown."""
        if before is None or not self.shortest_s <= now.clock_s - before.clock_s <= self.longest_s:
            return np.full_like(now.raw, np.nan)
        growth = now.raw - before.raw
        return np.where(growth >= 0, growth, np.nan)


def _known(values: Values) -> Values:
    """The values with NaN for those that are infinite or beyond single precision."""
    return np.where(np.abs(values) < _ABSURD, values, np.nan)
