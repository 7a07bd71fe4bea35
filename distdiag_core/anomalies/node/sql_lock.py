"""Lock contention: a client that locks rows of the workload, holds them, releases them, and locks them again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .sql_client_pool import ClientPool
from .sql_session import Row, Session
from .sql_tables import workload_tables

if TYPE_CHECKING:
    from .sql_session import Lease
    from .sql_tables import Table

_TABLES = 16
# One statement's worth of keys: short enough to be parsed in no time.
_CHUNK = 200
_QUERY_TIMEOUT_S = 5.0


def run(lease: Lease, *, rows: int, hold_s: float, pause_s: float) -> None:
    """Hold up to `rows` rows of each table for `hold_s`, again `pause_s` later; nothing in them is changed."""
    with Session(lease) as session:
        statements = [
            each for table in workload_tables(session, lease, _TABLES) for each in _statements(session, table, rows)
        ]
    if not statements:
        raise SystemExit("no table of the workload has a primary key, by which rows could be locked")
    held = 0

    def take(session: Session, _: int) -> None:
        nonlocal held
        session.begin()
        taken = sum(len(session.ask(statement, parameters)) for statement, parameters in statements)
        held = max(held, taken)
        time.sleep(hold_s)
        session.rollback()
        time.sleep(pause_s)

    pool = ClientPool(lease, take, clients=1, query_timeout_s=_QUERY_TIMEOUT_S)
    pool.run(lambda _: held > 0)


def _statements(session: Session, table: Table, rows: int) -> list[tuple[str, Row]]:
    """The statements that lock rows in the middle of a table; locked rows are skipped, so that nothing deadlocks."""
    if not table.key:
        return []
    first = max(0, (table.rows - rows) // 2)
    keys = session.ask(f"SELECT {table.key_list} FROM {table.quoted} ORDER BY {table.key_list} LIMIT {first}, {rows}")
    hole = f"({', '.join(['%s'] * len(table.key))})"
    statements = []
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        wanted = f"({table.key_list}) IN ({', '.join([hole] * len(chunk))})"
        statement = f"SELECT 1 FROM {table.quoted} WHERE {wanted} FOR UPDATE SKIP LOCKED"
        statements.append((statement, tuple(value for key in chunk for value in key)))
    return statements
