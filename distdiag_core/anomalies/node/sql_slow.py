"""Slow queries: a query that sorts by an expression without an index and joins rows with all others, repeated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .sql_client_pool import ClientPool
from .sql_session import Session, quoted
from .sql_tables import workload_tables

if TYPE_CHECKING:
    from .sql_session import Lease
    from .sql_tables import Table

_TABLES = 4


def run(lease: Lease, *, clients: int, joined: int, pause_s: float, query_timeout_s: float) -> None:
    """Keep `clients` sessions busy with it, but for pauses; `joined` rows are compared with each other."""
    with Session(lease) as session:
        queries = [_query(table, joined) for table in workload_tables(session, lease, _TABLES)]

    def ask(session: Session, number: int) -> None:
        session.ask(queries[number % len(queries)])
        time.sleep(pause_s)

    pool = ClientPool(lease, ask, clients=clients, query_timeout_s=query_timeout_s)
    pool.run(lambda pool: 4 * pool.connected >= clients and pool.turns >= pool.connected)


def _query(table: Table, joined: int) -> str:
    row = f"CONCAT_WS('|', {', '.join(quoted(name) for name, _ in table.columns)})"
    # The sort reads the whole table; the join compares what it finds, pair by pair.
    scan = f"SELECT MD5({row}) AS h FROM {table.quoted} ORDER BY h LIMIT {joined}"
    return f"SELECT COUNT(*), MAX(CONCAT(a.h, b.h)) FROM ({scan}) a JOIN ({scan}) b ON a.h < REVERSE(b.h)"
