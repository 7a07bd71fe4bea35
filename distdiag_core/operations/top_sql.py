"""The statements that took most of the time of one node's database, as its SQL audit has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.engine_views import DENIED, NO_SUCH_THING
from distdiag_core.errors import SqlError
from distdiag_core.operations import session_list

if TYPE_CHECKING:
    from distdiag_core.cluster.database import Database, Row
    from distdiag_core.operations.session_list import SessionList

# Of this server alone, unlike `GV$OB_SQL_AUDIT`. It holds as many requests as fit into its memory.
AUDIT_VIEW = "oceanbase.V$OB_SQL_AUDIT"
PROCESS_LIST = "the process list"
# The audit of a busy server has hundreds of thousands of rows, and no index.
_LIMIT_S = 8.0
_MOST = 20
_STATEMENT_CHARS = 1000
_STATEMENT = (
    f"SELECT LEFT(MIN(QUERY_SQL), {_STATEMENT_CHARS}), COUNT(*), SUM(ELAPSED_TIME) / 1000 "  # noqa: S608 - names of ours
    f"FROM {AUDIT_VIEW} WHERE IS_INNER_SQL = 0 AND SQL_ID <> '' GROUP BY SQL_ID ORDER BY 3 DESC LIMIT {_MOST}"
)


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement with all of its executions that the source still knows; their literals may differ.

    Attributes:
        total_ms: the time of all executions together.
    """

    statement: str
    executions: int
    total_ms: float

    @property
    def mean_ms(self) -> float:
        """The mean time of an execution."""
        return self.total_ms / max(1, self.executions)


@dataclass(frozen=True, slots=True)
class TopSql:
    """The statements of a node at one moment, those that took longest in total first.

    Attributes:
        source: the view that was read, or the process list, which knows only what runs just now.
        notes: what could not be read, with the statement that grants it; a sentence each.
    """

    node: str
    statements: tuple[SqlStatement, ...]
    source: str = AUDIT_VIEW
    notes: tuple[str, ...] = ()


async def read(database: Database, account: str) -> TopSql:
    """The top SQL of the server that `database` is connected to.

    Args:
        account: the account of the connection, as GRANT names it.

    Raises:
        UnreachableError: there is no connection, or no answer in time.
        SqlError: neither the audit nor the process list can be read.
    """
    try:
        rows = await database.query(_STATEMENT, timeout_s=_LIMIT_S)
    except SqlError as error:
        if error.code not in DENIED | NO_SUCH_THING:
            raise
        why = f"{AUDIT_VIEW} cannot be read, so that only what runs just now is known"
        if error.code in DENIED:
            why += f"; GRANT SELECT ON oceanbase.* TO {account}"
        return _running(await session_list.read(database, account), why)
    return TopSql(database.node, tuple(_statement(row) for row in rows))


def _statement(row: Row) -> SqlStatement:
    text, executions, total_ms = row
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(text or "")
    return SqlStatement(said, int(str(executions or 0)), float(str(total_ms or 0)))


def _running(listed: SessionList, why: str) -> TopSql:
    """What the sessions run, each with the time so far; the statement that asks is left out."""
    found: dict[str, list[float]] = {}
    for session in listed.sessions:
        if session.statement and not session.own:
            found.setdefault(session.statement, []).append(1000 * session.seconds)
    statements = [SqlStatement(text, len(times_ms), sum(times_ms)) for text, times_ms in found.items()]
    statements.sort(key=lambda each: -each.total_ms)
    return TopSql(listed.node, tuple(statements[:_MOST]), PROCESS_LIST, (why, *listed.notes))
