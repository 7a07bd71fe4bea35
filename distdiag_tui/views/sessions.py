"""The sessions of a node's database as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block

if TYPE_CHECKING:
    from distdiag_core.operations.session_list import DatabaseSession, SessionList
    from distdiag_tui.views.view_state import ViewState

# A statement that runs for so long is worth a look in a database of transactions.
_LONG_S = 5.0
_FIXED = 57
HEADER: Line = ((f"   {'id':>12} {'user':<12} {'command':<8} {'time':>8}  {'waits for':<10}  statement", "muted"),)


def above(view: ViewState, listed: SessionList | None, asked_s: float, width: int) -> list[Line]:
    """How many sessions there are, of when the list is, and what could not be read."""
    if listed is None:
        return []
    waiting = sum(bool(each.blocked_by) for each in listed.sessions)
    running = sum(not each.idle for each in listed.sessions)
    said = f" {len(listed.sessions)} sessions, {running} with a statement, {waiting} blocked"
    at = f"  {view.glyphs.dot} as of {clock(view.wall_s(asked_s))}"
    lines: list[Line] = [((said, "warn" if waiting else "plain"), (at, "muted"))]
    for note in listed.notes:
        lines += block(f" {view.glyphs.warning} ", note, width, "warn")
    return [*lines, BLANK]


def row(view: ViewState, listed: SessionList, session: DatabaseSession, width: int) -> Line:
    """One session on one line: a mark where it waits for another, or others for it."""
    behind = listed.blocked_behind(session)
    mark = view.glyphs.warning if behind or session.blocked_by else " "
    tone: Tone = "muted" if session.idle and not behind else "plain"
    slow = not session.idle and session.seconds >= _LONG_S
    waits_for = ",".join(map(str, session.blocked_by))
    return (
        (f" {mark} ", "bad"),
        (f"{session.id:>12} ", tone),
        (f"{view.glyphs.fit(session.user, 12)} ", "strong" if tone == "plain" else tone),
        (f"{view.glyphs.fit(session.command, 8)} ", tone),
        (f"{_lasting(session.seconds):>8}  ", "warn" if slow else tone),
        (f"{view.glyphs.fit(waits_for, 10)}  ", "bad"),
        (view.glyphs.fit(_gist(session, behind), max(0, width - _FIXED - 3)), tone),
    )


def detail(view: ViewState, listed: SessionList, session: DatabaseSession, width: int) -> list[Line]:
    """Everything known about a session, with the whole statement."""
    lines: list[Line] = []
    for number in session.blocked_by:
        lines += block(
            f" {view.glyphs.warning} ", f"waits for a lock that {_named(listed, number)} holds", width, "bad"
        )
    for number in listed.blocked_behind(session):
        lines += block(
            f" {view.glyphs.warning} ", f"holds a lock that {_named(listed, number)} waits for", width, "bad"
        )
    about = (
        f"session {session.id} of {session.user} from {session.client}, "
        f"{f'database {session.database}' if session.database else 'no database chosen'}"
    )
    lines += block(" ", about, width, "strong")
    since = "idle for" if session.idle else f"{session.command}, {session.state.lower() or 'running'} for"
    lines += block(" ", f"{since} {_lasting(session.seconds)}", width)
    if session.own:
        lines += block(" ", "the connection of distdiag itself, which asked for this list", width, "muted")
    return [*lines, BLANK, *block(" ", session.statement or "no statement", width)]


def _gist(session: DatabaseSession, behind: tuple[int, ...]) -> str:
    if behind:
        said = f"blocks {', '.join(map(str, behind))}"
        return f"{said}: {_one_line(session.statement)}" if session.statement else said
    return _one_line(session.statement)


def _one_line(statement: str) -> str:
    return " ".join(statement.split())


def _named(listed: SessionList, number: int) -> str:
    of = next((f" of {each.user}" for each in listed.sessions if each.id == number), ", of another node,")
    return f"session {number}{of}"


def _lasting(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.0f} h"
