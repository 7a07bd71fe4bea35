"""Evidence by obdiag beside a root cause: how far asking is, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import day_and_clock
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block
from distdiag_tui.views.task_run import TaskRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.obdiag.evidence import Level, ObdiagEvidence

_TONES: dict[Level, Tone] = {"critical": "bad", "warning": "warn", "fail": "muted", "step": "plain"}
_KEEPS = "it is kept in the incident"


@dataclass(frozen=True, slots=True)
class ObdiagRun(TaskRun):
    """The calls of obdiag about one root cause, from the first to the last.

    Attributes:
        place: node and anomaly.
        calls: their titles, in the order in which they are run.
        incident: the number of the incident that the evidence is kept in; None where it is not kept.
        progress: what goes on.
        failures: a sentence for each call that failed, while others may have answered.
    """

    place: tuple[str, str]
    calls: tuple[str, ...]
    incident: int | None = None
    progress: str = "begins"
    found: tuple[ObdiagEvidence, ...] = ()
    failures: tuple[str, ...] = ()


def run_lines(run: ObdiagRun | None, place: tuple[str, str], width: int) -> list[Line]:
    """How far the run about a root cause is, and what it has found; nothing where it is about another one."""
    if run is None or run.place != place:
        return []
    lines: list[Line] = [BLANK, (("evidence by obdiag", "accent"),)]
    if run.called_off and run.goes_on:
        lines += block("  ", "cancelled: ending obdiag ...", width, "strong")
    elif run.goes_on:
        number = len(run.found) + len(run.failures) + 1
        lines += block("  ", f"{number} of {len(run.calls)}: {run.progress}", width, "strong")
    elif run.found:
        lines += block(
            "  ", _KEEPS if run.incident is not None else "it is not kept: no incident of this", width, "muted"
        )
    for failure in filter(None, (*run.failures, run.failure)):
        lines += block("  ", failure, width, "warn")
    return [*lines, *(line for each in run.found for line in _found(each, width))]


def evidence_lines(evidence: Iterable[ObdiagEvidence], width: int) -> list[Line]:
    """What an incident has kept, the newest first."""
    lines = [line for each in sorted(evidence, key=lambda each: -each.time_s) for line in _found(each, width)]
    return [BLANK, (("evidence by obdiag", "accent"),), *lines] if lines else []


def _found(found: ObdiagEvidence, width: int) -> list[Line]:
    """What one call found, the suggestions first."""
    lines = block("  ", f"{found}   asked {day_and_clock(found.time_s)}, took {found.took_s:.0f} s", width, "strong")
    for note in found.notes:
        lines += block("    note        ", note, width, "muted")
    for said in found.suggestions:
        lines += block("    suggestion  ", " ".join(said.split()), width, "good")
    for each in found.findings:
        said = " ".join(f"{each.subject}: {each.text}".split()) if each.subject else " ".join(each.text.split())
        lines += block(f"    {each.level:<10}  ", said, width, _TONES[each.level])
    return lines
