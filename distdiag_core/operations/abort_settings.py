"""The section `abort` of the cluster file: the limits of the abort rule."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Example, Flag, Number, Seconds


@dataclass(frozen=True, slots=True, config=SETTINGS)
class AbortSettings:
    """The steady state.

    While an injection that a console (or `inject --watch`, or a campaign) has begun is active, every tick is checked
    against it; where it is broken, all injections of that program are cleared at once.
    """

    node_lost: Flag = True
    """A node whose database cannot be reached breaks it, but for injections that are meant to cut the node off."""
    max_p95_ms: Annotated[Number | None, Gt(0), Words("a number of milliseconds"), Example(2000)] = None
    """The most that the 95 % latency of the workload may be, on any node. Without it: no limit.

    A workload that finishes nothing is over every limit.
    """
    max_errors_per_s: Annotated[Number | None, Gt(0), Example(50)] = None
    """The most statements that may fail a second, on any node, as the database or the workload counts them.

    Without it: no limit.
    """
    for_s: Annotated[Seconds, Ge(0), Le(300)] = 10.0
    """How long it must be broken."""


sections.register(sections.Section("abort", AbortSettings))
