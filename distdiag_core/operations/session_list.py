"""The sessions of the database of one node, and which of them wait for a lock that another one holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.cluster.engine_views import DENIED, NO_SUCH_THING
from distdiag_core.cluster.server_identity import LOCKS_VIEW, SESSIONS_VIEW
from distdiag_core.errors import SqlError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from distdiag_core.cluster.database import Database, Row

# One connection to a node serves its metrics too, which wait for as long. The connecting has a bound of its own below.
_LIMIT_S = 8.0
_LOCKS_LIMIT_S = 3.0
MOST_SESSIONS = 1000
_STATEMENT_CHARS = 4000
_STANDARD_VIEW = "information_schema.processlist"
_WAITING = f"SELECT SESSION_ID, ID2 FROM {LOCKS_VIEW} WHERE BLOCK = 1 LIMIT 10000"  # noqa: S608 - a name of ours
_IDLE = "Sleep"
# OceanBase writes it out where no database is chosen.
_NULL = "NULL"


@dataclass(frozen=True, slots=True)
class DatabaseSession:
    """One session.

    Attributes:
        client: the address that it comes from.
        seconds: since the statement began, or since the last one ended where the session is idle.
        statement: empty where it is idle; cut where it is very long.
        own: it is the connection of distdiag that was asked.
        blocked_by: the sessions that hold the locks it waits for, also those of other nodes.
    """

    id: int
    user: str
    client: str
    database: str
    command: str
    state: str
    seconds: float
    statement: str
    own: bool = False
    blocked_by: tuple[int, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether it runs no statement."""
        return self.command == _IDLE


@dataclass(frozen=True, slots=True)
class SessionList:
    """The sessions of a node at one moment.

    Attributes:
        sessions: those with a statement and those that block others first, the longest at the top; then the idle ones.
        notes: what could not be read, with the statement that grants it; a sentence each.
    """

    node: str
    sessions: tuple[DatabaseSession, ...]
    notes: tuple[str, ...] = ()

    def blocked_behind(self, session: DatabaseSession) -> tuple[int, ...]:
        """The sessions of this node that wait for `session`."""
        return tuple(each.id for each in self.sessions if session.id in each.blocked_by)


async def read(database: Database, account: str) -> SessionList:
    """The sessions of the server that `database` is connected to.

    Args:
        account: the account of the connection, as GRANT names it.

    Raises:
        UnreachableError: there is no connection, or no answer in time.
        SqlError: none of the views can be read.
    """
    rows, notes = await _rows(database, account)
    if len(rows) > MOST_SESSIONS:
        notes.append(f"there are more than {MOST_SESSIONS} sessions; these have run longest")
    blockers, about_locks = await _blockers(database, account)
    found = [_session(row, blockers) for row in rows[:MOST_SESSIONS]]
    return SessionList(database.node, _ordered(found), (*notes, *about_locks))


async def is_there(database: Database, number: int) -> bool:
    """Whether the server has a session of this id."""
    rows, _ = await _from_views(database, lambda view: f"SELECT ID FROM {view} WHERE ID = {number:d}")  # noqa: S608 - the name of a view of ours, and a number
    return bool(rows)


async def _rows(database: Database, account: str) -> tuple[list[Row], list[str]]:
    rows, refusal = await _from_views(database, _statement)
    if refusal is not None and refusal.code in DENIED:
        fix = f"GRANT SELECT ON oceanbase.* TO {account}"
        return rows, [f"{SESSIONS_VIEW} cannot be read, so that sessions of other accounts may be missing; {fix}"]
    if refusal is not None and len({row[1] for row in rows}) == 1:
        return rows, [f"all sessions are of one account; if others are missing: GRANT PROCESS ON *.* TO {account}"]
    return rows, []


async def _from_views(database: Database, statement: Callable[[str], str]) -> tuple[list[Row], SqlError | None]:
    """The rows of the first view that can be read, and why it is not the view of OceanBase where it is another."""
    try:
        return await database.query(statement(SESSIONS_VIEW), timeout_s=_LIMIT_S), None
    except SqlError as error:
        if error.code not in DENIED | NO_SUCH_THING:
            raise
        refusal = error
    return await database.query(statement(_STANDARD_VIEW), timeout_s=_LIMIT_S), refusal


def _statement(view: str) -> str:
    return (
        f"SELECT ID, USER, HOST, DB, COMMAND, STATE, TIME, LEFT(INFO, {_STATEMENT_CHARS}), "  # noqa: S608 - names of ours
        f"ID = CONNECTION_ID() FROM {view} ORDER BY COMMAND = '{_IDLE}', TIME DESC LIMIT {MOST_SESSIONS + 1}"
    )


async def _blockers(database: Database, account: str) -> tuple[dict[int, set[int]], tuple[str, ...]]:
    """The sessions that each waiting session waits for; and why they are not known, where they are not."""
    unknown = "who blocks whom is not known"
    try:
        rows = await database.query(_WAITING, timeout_s=_LOCKS_LIMIT_S)
    except TimedOutError as error:
        return {}, (f"{unknown}: {LOCKS_VIEW}: {error.what}",)
    except SqlError as error:
        if error.code in NO_SUCH_THING:
            return {}, (f"{unknown}: this database has no {LOCKS_VIEW}",)
        fix = f"; GRANT SELECT ON oceanbase.* TO {account}" if error.code in DENIED else ""
        return {}, (f"{unknown}: {error.what}{fix}",)
    blockers: dict[int, set[int]] = {}
    for waiting, holding in ((_whole(row[0]), _whole(row[1])) for row in rows):
        if holding and waiting != holding:
            blockers.setdefault(waiting, set()).add(holding)
    return blockers, ()


def _session(row: Row, blockers: dict[int, set[int]]) -> DatabaseSession:
    number, user, client, database, command, state, seconds, statement, own = row
    return DatabaseSession(
        id=_whole(number),
        user=text_of(user),
        client=text_of(client),
        database="" if database == _NULL else text_of(database),
        command=text_of(command),
        state=text_of(state),
        seconds=float(str(seconds or 0)),
        statement=text_of(statement),
        own=bool(own),
        blocked_by=tuple(sorted(blockers.get(_whole(number), ()))),
    )


def _ordered(sessions: Iterable[DatabaseSession]) -> tuple[DatabaseSession, ...]:
    found = tuple(sessions)
    blocking = {number for each in found for number in each.blocked_by}
    cleaned = (each if not each.idle else replace(each, statement="") for each in found)
    return tuple(sorted(cleaned, key=lambda each: (each.idle and each.id not in blocking, -each.seconds, each.id)))


def _whole(value: object) -> int:
    return int(str(value or 0))


def text_of(value: object) -> str:
    """A text column of a row; empty where it is NULL."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)
