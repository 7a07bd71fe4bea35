"""The audit log as rows and in full: who did what, where, when, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import day_and_clock
from distdiag_tui.drawing.lines import Line, Tone, block

if TYPE_CHECKING:
    from distdiag_core.recording.audit_log import AuditEntry, Result
    from distdiag_tui.drawing.glyphs import Glyphs

_TONES: dict[Result, Tone] = {
    "done": "plain",
    "failed": "bad",
    "refused": "warn",
    "interrupted": "warn",
    "begun": "warn",
}
# Narrower, how long it took is in the entry under the list alone.
_WIDE = 90


def header(width: int) -> Line:
    """The column headings."""
    took = f"{'took':>8}  " if width >= _WIDE else " "
    return ((f" {'when':<14}  {'what':<18} {'where':<16} {'result':<11} {took}by", "muted"),)


def row(entry: AuditEntry, width: int, glyphs: Glyphs) -> Line:
    """One audited operation on one line."""
    action = entry.record
    where = ", ".join(_nodes(entry)) or "the cluster"
    return (
        (f" {day_and_clock(action.began_s)}  ", "muted"),
        (f"{glyphs.fit(action.what, 18)} {glyphs.fit(where, 16)} ", "plain"),
        (f"{action.result:<11} ", _TONES[action.result]),
        (f"{action.duration_s:>6.1f} s  " if width >= _WIDE else " ", "muted"),
        (glyphs.fit(who(entry), max(0, width - (76 if width >= _WIDE else 67))), "plain"),
    )


def detail(entry: AuditEntry, width: int) -> list[Line]:
    """All fields of one audited operation."""
    action = entry.record
    lines: list[Line] = [
        ((f" {action.what}", "strong"), (f"  {action.result} after {action.duration_s:.1f} s", _TONES[action.result]))
    ]
    if action.reason:
        lines += block(" ", action.reason, width, "warn")
    users = f", as {', '.join(action.ssh_users)} on the nodes" if action.ssh_users else ""
    lines += block(" by    ", f"{who(entry)}{users}", width)
    parameters = "  ".join(f"{name}={_text(value)}" for name, value in action.parameters.items())
    return [*lines, *block(" with  ", parameters, width, "muted")] if parameters else lines


def who(entry: AuditEntry) -> str:
    """The account that a person used, and the host that they were on."""
    return f"{entry.sudo_user or entry.account}@{entry.host}"


def _nodes(entry: AuditEntry) -> tuple[str, ...]:
    named = entry.record.nodes or entry.record.parameters.get("nodes", ())
    return tuple(map(str, named)) if isinstance(named, list | tuple) else ()


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
