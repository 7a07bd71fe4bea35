"""Events and audited operations in one list, by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.recording.audit_log import AuditEntry
from distdiag_tui.drawing.format import day_and_clock
from distdiag_tui.drawing.lines import Line, Tone, block
from distdiag_tui.views import audit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.recording.events import Event
    from distdiag_tui.views.view_state import ViewState

_TONES: dict[str, Tone] = {"warning": "warn", "error": "bad", "failed": "bad", "refused": "warn", "interrupted": "warn"}
# `11-24 09:30:00  event  injection   n2       `
_BEFORE_TEXT = 46
HEADER: Line = ((f" {'when':<14}  {'from':<5}  {'what':<12} {'where':<8}", "muted"),)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event or an audited operation.

    Attributes:
        wall_s: seconds since the epoch by the wall clock.
        level: of an event, or the result of an operation.
        about: what it was made of.
    """

    wall_s: float
    what: str
    where: str
    text: str
    level: str
    about: Event | AuditEntry

    @property
    def source(self) -> str:
        """`event` or `audit`."""
        return "audit" if isinstance(self.about, AuditEntry) else "event"


def entries(view: ViewState, audited: Sequence[AuditEntry]) -> tuple[LogEntry, ...]:
    """The events of the run and the operations on the cluster, the newest first."""
    found = [
        LogEntry(view.wall_s(event.time_s), event.kind, event.node or "", event.text, event.level, event)
        for event in view.events
    ]
    found += [_of_audit(entry) for entry in audited]
    return tuple(sorted(found, key=lambda each: -each.wall_s))


def _of_audit(entry: AuditEntry) -> LogEntry:
    record = entry.record
    parameters = " ".join(f"{name}={value}" for name, value in record.parameters.items())
    text = f"{record.result} by {audit.who(entry)}  {record.reason or parameters}"
    return LogEntry(record.began_s, record.what, ",".join(record.nodes), text, record.result, entry)


def row(view: ViewState, entry: LogEntry, width: int) -> Line:
    """One entry on one line."""
    tone = _TONES.get(entry.level, "plain")
    glyphs = view.glyphs
    return (
        (f" {day_and_clock(entry.wall_s)}  ", "muted"),
        (f"{entry.source}  ", "muted"),
        (
            f"{glyphs.fit(entry.what, 12)} {glyphs.fit(entry.where, 8)} ",
            "accent" if entry.source == "audit" else "plain",
        ),
        (glyphs.fit(entry.text, max(0, width - _BEFORE_TEXT)), tone),
    )


def detail(entry: LogEntry, width: int) -> list[Line]:
    """The whole entry."""
    if isinstance(entry.about, AuditEntry):
        return audit.detail(entry.about, width)
    about = " - ".join(part for part in (entry.what, entry.where, entry.level) if part)
    return [((f" {about}", "muted"),), *block(" ", entry.text, width)]
