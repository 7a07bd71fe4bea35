"""Superfluous indexes, added to the tables of the workload one after the other, and dropped again."""

from __future__ import annotations

import signal
import time
from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING

import pymysql

from .sql_session import Session, quoted, wait_for
from .sql_tables import workload_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sql_session import Lease, Row
    from .sql_tables import Table

_INDEXED = frozenset(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "char", "varchar", "date",
     "datetime", "timestamp"}
)  # fmt: skip
# An index of a large table, on a node that is busy already.
_CREATE_S = 300.0
_AGAIN_S = 1.0
_EXISTS = 1061
_NOT_THERE = (1091, 1146, 1049)
_BEING_MADE = 1235
_BUILT_S = 30.0


def add(lease: Lease, *, count: int, tables: int) -> None:
    """Add `count` indexes to the `tables` largest tables, a few to each; then wait until the process is ended."""
    with Session(lease) as session:
        lease.will_last("indexes")
        pending = list(enumerate(_wanted(workload_tables(session, lease, tables), count)))
    total, made, refusal = len(pending), 0, ""
    while pending:
        try:
            with Session(lease, query_timeout_s=_CREATE_S) as session:
                while pending:
                    lease.write("progress", f"{made} of {total} indexes{refusal}")
                    number, (table, columns) = pending[0]
                    complaint = _create(session, table, f"{_prefix(lease)}{number}", columns)
                    del pending[0]
                    if complaint:
                        refusal = f"; refused: {complaint}"
                        continue
                    made += 1
                    lease.write("shown", "yes")
        except (pymysql.err.MySQLError, OSError):
            # The database went away; it goes on where it was.
            time.sleep(_AGAIN_S)
    if not made:
        raise SystemExit(f"no index could be added{refusal}")
    lease.write("progress", f"{made} of {total} indexes{refusal}")
    signal.pause()


def drop(session: Session, lease: Lease) -> None:
    """Drop all indexes of the injection."""
    there = left(session, lease)
    for number, (schema, table, index) in enumerate(there):
        lease.write("progress", f"{number} of {len(there)} indexes dropped")
        statement = f"ALTER TABLE {quoted(schema, table)} DROP INDEX {quoted(index)}"
        wait_for(partial(_dropped, session, statement), _BUILT_S, time.sleep)


def _dropped(session: Session, statement: str) -> bool:
    """Whether an index is gone; one that is being created cannot be dropped before that ends."""
    try:
        session.ask(statement)
    except pymysql.err.MySQLError as error:
        if error.args[0] == _BEING_MADE:
            return False
        # Console and supervisor may both be at it, and a table may be dropped under our hands.
        if error.args[0] not in _NOT_THERE:
            raise
    return True


def left(session: Session, lease: Lease) -> list[Row]:
    """The indexes of the injection: database, table and name of each."""
    # An underscore would stand for any character.
    prefix = _prefix(lease).replace("_", "\\_")
    return session.ask(
        "SELECT DISTINCT table_schema, table_name, index_name FROM information_schema.statistics"
        " WHERE index_name LIKE %s",
        (f"{prefix}%",),
    )


def _prefix(lease: Lease) -> str:
    return f"distdiag_{lease.id}_"


def _wanted(tables: list[Table], count: int) -> Iterator[tuple[Table, tuple[str, ...]]]:
    """The tables in turn, each time with other columns for an index."""
    choices = [(table, _column_lists(table)) for table in tables]
    given = 0
    while choices and given < count:
        for table, lists in list(choices):
            columns = next(lists, None)
            if columns is None:
                choices.remove((table, lists))
            elif given < count:
                given += 1
                yield table, columns


def _column_lists(table: Table) -> Iterator[tuple[str, ...]]:
    columns = [name for name, kind in table.columns if kind in _INDEXED]
    # The widest first: these cost most with every row that is written.
    for width in (3, 2, 1):
        yield from permutations(columns, width)


def _create(session: Session, table: Table, name: str, columns: tuple[str, ...]) -> str:
    """Create an index; the error of the database, empty where it succeeds."""
    listed = ", ".join(quoted(column) for column in columns)
    try:
        session.ask(f"CREATE INDEX {quoted(name)} ON {table.quoted} ({listed})")
    except pymysql.err.MySQLError as error:
        if not session.open:
            raise
        return "" if error.args[0] == _EXISTS else str(error.args[-1])
    return ""
