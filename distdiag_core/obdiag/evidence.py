"""ObdiagEvidence of obdiag: what one call found, in words; plain enough that JSON can carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# As a scene goes on, it records steps; a check says how bad its finding is. A check that `fail`s could not be done.
Level = Literal["critical", "warning", "fail", "step"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One record of a scene, or one finding of a check.

    Attributes:
        subject: the check; empty for the step of a scene.
    """

    level: Level
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ObdiagEvidence:
    """The result of one call of obdiag; it has no confidence, and stands beside a diagnosis.

    Attributes:
        verb, name: `rca` and its scene, or `check` and its tasks.
        time_s: when it began, by the wall clock.
        suggestions: what obdiag advises; none is common.
        notes: what limits it, in words.
    """

    verb: str
    name: str
    time_s: float
    took_s: float
    findings: tuple[Finding, ...] = ()
    suggestions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trace_id: str = ""

    @property
    def title(self) -> str:
        """For instance `rca lock_conflict`."""
        return f"{self.verb} {self.name}"

    def __str__(self) -> str:
        """For instance `rca lock_conflict: 5 records, 1 suggestion`."""
        if self.verb == "rca":
            counts = [_counted(len(self.findings), "record"), _counted(len(self.suggestions), "suggestion")]
        else:
            levels: list[str] = [each.level for each in self.findings]
            named = (("critical", "critical"), ("warning", "warning"), ("fail", "could not be done"))
            counts = [f"{count} {words}" for level, words in named if (count := levels.count(level))]
        return f"{self.title}: {', '.join(counts) or 'nothing found'}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
