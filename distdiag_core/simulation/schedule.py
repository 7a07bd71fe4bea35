"""Which anomaly is on which simulated node at which tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distdiag_core.simulation.effects import EFFECTS

# In each cycle some anomalies come and go; at its begin and at its end there is none.
CYCLE_TICKS = 120
_FIRST, _AFTER_FIRST = 15, 50
_SHORTEST, _LONGEST = 30, 55
_RISE_TICKS = 5
_MANY_NODES = 30


@dataclass(frozen=True, slots=True)
class ScheduledAnomaly:
    """An anomaly on a node, counted from 0, from tick `start` up to tick `end`, which is no longer of it."""

    anomaly: str
    node: int
    start: int
    end: int

    def strength(self, tick: int) -> float:
        """From 0 to 1; it takes some ticks to unfold."""
        return min(1.0, (tick - self.start + 1) / _RISE_TICKS) if self.start <= tick < self.end else 0.0


class Schedule:
    """The anomalies of a simulated cluster; any tick can be asked for."""

    def __init__(self, nodes: int, seed: int) -> None:
        self._nodes, self._seed = nodes, seed
        self._cycle = -1
        self._found: tuple[ScheduledAnomaly, ...] = ()

    def active(self, tick: int) -> tuple[ScheduledAnomaly, ...]:
        """The anomalies at a tick."""
        if (cycle := tick // CYCLE_TICKS) != self._cycle:
            self._cycle, self._found = cycle, self._drawn(cycle)
        return tuple(each for each in self._found if each.start <= tick < each.end)

    def _drawn(self, cycle: int) -> tuple[ScheduledAnomaly, ...]:
        random = np.random.default_rng((self._seed, cycle))
        count = min(self._nodes, int(random.integers(1, 4 if self._nodes > _MANY_NODES else 3)))
        places = random.choice(self._nodes, count, replace=False)
        kinds = random.choice(len(EFFECTS), count, replace=False)
        starts = cycle * CYCLE_TICKS + random.integers(_FIRST, _AFTER_FIRST, count)
        lengths = random.integers(_SHORTEST, _LONGEST, count)
        return tuple(
            ScheduledAnomaly(list(EFFECTS)[kind], node, start, start + length)
            for kind, node, start, length in zip(
                kinds.tolist(), places.tolist(), starts.tolist(), lengths.tolist(), strict=True
            )
        )
