"""The state of a replay."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplayStatus:
    """Where a replay is in its recording, and how fast it goes.

    Attributes:
        tick: of `ticks`, from 1.
        start_s, end_s: the times of the first and of the last recorded tick.
        speed: recorded seconds in a second.
    """

    tick: int
    ticks: int
    start_s: float
    end_s: float
    speed: int = 1
    paused: bool = False

    @property
    def at_end(self) -> bool:
        """Whether this is the last tick; of a recording that is being written, the newest."""
        return self.tick == self.ticks
