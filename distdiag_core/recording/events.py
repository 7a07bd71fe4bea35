"""Events of a run: injections, workloads, diagnoses, actions, lost nodes, changed parameters, clocks set, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

EventKind = Literal["injection", "workload", "diagnosis", "action", "node", "parameter", "clock", "error"]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        time_s: seconds since the epoch, on the clock of the run (`clock.now_s`).
        text: one line in plain words, without markup.
        data: the facts for programs; plain values that JSON can carry.
    """

    time_s: float
    kind: EventKind
    text: str
    level: Level = "info"
    node: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
