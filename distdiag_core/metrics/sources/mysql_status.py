"""Source `mysql_status`: the global status of a MySQL or MariaDB server, with that of Galera where it replicates."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, SqlError, quoted
from distdiag_core.metrics.source import SOURCES, Reading, SampledKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.cluster.database import Database, Row
    from distdiag_core.metrics.source import Source, SourceContext

# Where the status is: MySQL since 5.7, and MariaDB.
_TABLES = ("performance_schema.global_status", "information_schema.global_status")
_NO_SUCH_THING = frozenset({1049, 1109, 1146})
# When the server answers; only the differences are used. NOW() would be that of the statement's begin.
_CLOCK = "UNIX_TIMESTAMP(SYSDATE(6))"
# Words that the status has for figures.
_WORDS = {"ON": 1.0, "OFF": 0.0, "TRUE": 1.0, "FALSE": 0.0, "PRIMARY": 1.0, "NON-PRIMARY": 0.0, "DISCONNECTED": 0.0}
# Not of the status itself: committed and rolled back transactions, the seconds that statements took, and those that
# failed, which no counter of the status is about.
_TRANSACTIONS = "transactions"
_STATEMENT_TIME = "statement_time_s"
_STATEMENT_ERRORS = "statement_errors"
_PARTS = {
    _TRANSACTIONS: ("Com_commit", "Com_rollback"),
    _STATEMENT_TIME: ("Busy_time",),
    _STATEMENT_ERRORS: (),
}
_STATEMENTS = "performance_schema.events_statements_summary_global_by_event_name"
_PICOSECOND = 1e-12


class MysqlStatusSource:
    """The source of one node; what this server does not know is unknown, and costs no other figure.

    The seconds of statements come from `Busy_time` where the server has `userstat` on (MariaDB, Percona), else from the
    performance schema where that is on (MySQL). Failed statements are counted there alone.
    """

    name = "mysql_status"

    def __init__(self, database: Database, *, keys: Sequence[str]) -> None:
        self._database = database
        own = [part for key in keys for part in _PARTS.get(key, ())]
        asked = [key for key in keys if key not in _PARTS]
        # MariaDB writes the names in capitals.
        self._names = {name.lower(): name for name in (*asked, *own)}
        self._wanted = frozenset(keys)
        self._table: str | None = None
        self._with_statements = True
        self._notes: tuple[str, ...] = ()

    async def read(self) -> Reading:
        """Ask the server once, and once more for the time of statements where its status does not have it.

        Raises:
            UnreachableError: no connection, or no answer.
            SqlError: the server has no such status.
            DataError: it makes no sense.
        """
        where = f"{self._database.node}: global status"
        clock_s, found = parse(await self._rows(), where=where)
        values = {self._names[name]: value for name, value in found.items() if name in self._names}
        if _TRANSACTIONS in self._wanted and "Com_commit" in values:
            values[_TRANSACTIONS] = values["Com_commit"] + values.get("Com_rollback", 0.0)
        if busy := values.get("Busy_time"):
            values[_STATEMENT_TIME] = busy
        lacking = self._wanted & {_STATEMENT_TIME, _STATEMENT_ERRORS} - values.keys()
        if lacking:
            values = await self._of_statements(with_time=_STATEMENT_TIME in lacking) | values
        return Reading(clock_s, {key: value for key, value in values.items() if key in self._wanted}, self._notes)

    async def close(self) -> None:
        """The connection belongs to the node."""

    async def _rows(self) -> list[Row]:
        if self._table is not None:
            return await self._ask(self._table)
        first, second = _TABLES
        try:
            rows, table = await self._ask(first), first
        except SqlError as error:
            if error.code not in _NO_SUCH_THING:
                raise
            rows, table = [], second
        # MariaDB has the first one too, in some versions, without a row in it.
        if not rows:
            rows, table = await self._ask(second), second
        self._table = table
        return rows

    async def _ask(self, table: str) -> list[Row]:
        places = ", ".join(["%s"] * len(self._names))
        statement = f"SELECT variable_name, variable_value, {_CLOCK} FROM {table} WHERE variable_name IN ({places})"
        return await self._database.query(statement, tuple(self._names.values()))

    async def _of_statements(self, *, with_time: bool) -> dict[str, float]:
        """The seconds that all statements took, and how many failed; nothing where the server does not count them.

        Args:
            with_time: the seconds are known from nowhere else.
        """
        if not self._with_statements:
            return {}
        try:
            rows = await self._database.query(
                f"SELECT SUM(count_star), SUM(sum_timer_wait), SUM(sum_errors) FROM {_STATEMENTS} "
                "WHERE event_name LIKE 'statement/sql/%%'"
            )
        except SqlError as error:
            self._with_statements = False
            if with_time:
                what = f"no time of statements: {error.what}"
                self._notes = (f"{what}; SET GLOBAL userstat = ON, or grant performance_schema",)
            return {}
        counted, time_ps, errors = map(number, rows[0]) if rows and len(rows[0]) == 3 else (None, None, None)
        # The performance schema is switched on when the server starts; off, it has counted nothing, not even this.
        self._with_statements = bool(counted)
        found = {_STATEMENT_TIME: time_ps and time_ps * _PICOSECOND, _STATEMENT_ERRORS: errors if counted else None}
        return {
            name: value for name, value in found.items() if value is not None and (value or name != _STATEMENT_TIME)
        }


def parse(rows: Sequence[Row], *, where: str) -> tuple[float, dict[str, float]]:
    """The clock and the figures of rows of (name, value, clock), by names in lower case; a text is no figure.

    Raises:
        DataError: something else came, or nothing.
    """
    if not rows:
        raise DataError("no rows", where=where)
    for row in rows:
        if len(row) != 3 or not isinstance(row[0], str) or number(row[2]) is None:
            raise DataError(f"an odd row: {', '.join(map(quoted, row))}", where=where)
    return number(rows[0][2]) or 0.0, dict(_figures(rows))


def _figures(rows: Sequence[Row]) -> Iterator[tuple[str, float]]:
    for name, value, _ in rows:
        if (figure := number(value)) is not None:
            yield str(name).lower(), figure


def number(value: object) -> float | None:
    """The figure that a value of the status is; None for a text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    if isinstance(value, str) and value.upper() in _WORDS:
        return _WORDS[value.upper()]
    if not isinstance(value, str | int | float | Decimal):
        return None
    try:
        found = float(value)
    except (OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _make(context: SourceContext) -> Source:
    return MysqlStatusSource(context.database, keys=context.keys)


SOURCES.register(
    SampledKind(MysqlStatusSource.name, "the status of MySQL, MariaDB and Galera, by SQL", _make, connection="sql")
)
