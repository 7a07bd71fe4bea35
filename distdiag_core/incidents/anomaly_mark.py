"""Where on a line of time an anomaly was injected, or diagnosed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AnomalyMark:
    """An injection on a node, or a root cause of an incident, from `start_s` to `end_s`, seconds since the epoch."""

    kind: Literal["injected", "diagnosed"]
    node: str
    anomaly: str
    start_s: float
    end_s: float
