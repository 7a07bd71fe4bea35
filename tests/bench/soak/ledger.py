"""What a soak did, and what came of it at once."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Injected:
    """An injection that was begun.

    Attributes:
        began_s, deadline_s: by the wall clock; the deadline moves to the time at which it was cleared.
    """

    id: str
    anomaly: str
    node: str
    began_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Killed:
    """A part that was killed; `back_s` until it or its successor was at work again, None where it never was."""

    part: str
    back_s: float | None


@dataclass(slots=True)
class Ledger:
    """What was done.

    Attributes:
        asked: verbs that injected, by how they ended: made, refused, failed.
        acts: operations that have to be in the audit log, by the name that they have there.
        outages: the nodes that were hurt in another way than by injections, each with its begin and end.
        unexpected: what should not have happened, in words, and how often.
        notes: what may happen, in words, and how often.
    """

    asked: Counter[str] = field(default_factory=Counter)
    injected: list[Injected] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    kills: list[Killed] = field(default_factory=list)
    outages: list[tuple[str, float, float]] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    visits: int = 0
    stalls: int = 0

    def cleared(self, name: str) -> None:
        """Note that an injection was ended before its deadline."""
        for each in self.injected:
            if each.id == name:
                each.deadline_s = min(each.deadline_s, time.time())

    @property
    def last_deadline_s(self) -> float:
        """By then everything has ended."""
        return max((each.deadline_s for each in self.injected), default=0.0)
