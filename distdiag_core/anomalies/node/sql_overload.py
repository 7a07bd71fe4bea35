"""Workload overload: many clients that read and rewrite rows of the workload with the values that they have."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .sql_client_pool import ClientPool
from .sql_session import Row, Session, quoted
from .sql_tables import workload_tables

if TYPE_CHECKING:
    from .sql_session import Lease
    from .sql_tables import Table

_TABLES = 16
# Rows that the clients meet at; they reach on from there.
_KEYS = 500
_QUERY_TIMEOUT_S = 10.0


def run(lease: Lease, *, clients: int, reach: int) -> None:
    """Keep `clients` sessions busy, each read of which covers `reach` rows."""
    with Session(lease) as session:
        places = [place for table in workload_tables(session, lease, _TABLES) if (place := _Place.of(session, table))]
    if not places:
        raise SystemExit("no table of the workload has a primary key, by which rows could be rewritten")

    def work(session: Session, _: int) -> None:
        place = random.choice(places)  # noqa: S311 - a load is no secret
        key = random.choice(place.keys)  # noqa: S311 - a row, no secret
        session.ask(place.read(reach), key[:1])
        session.ask(place.rewrite, key)

    pool = ClientPool(lease, work, clients=clients, query_timeout_s=_QUERY_TIMEOUT_S)
    pool.run(lambda pool: 4 * pool.connected >= clients and pool.turns >= pool.connected)


class _Place:
    """A table, and keys that are spread over it."""

    def __init__(self, table: Table, keys: list[Row]) -> None:
        self.keys = keys
        self._table = table
        column = next((name for name, _ in table.columns if name not in table.key), table.key[0])
        found = " AND ".join(f"{quoted(name)} = %s" for name in table.key)
        # The database locks the row, finds that nothing changes, and stores nothing.
        self.rewrite = f"UPDATE {table.quoted} SET {quoted(column)} = {quoted(column)} WHERE {found}"

    @classmethod
    def of(cls, session: Session, table: Table) -> _Place | None:
        """None for a table without a key."""
        if not table.key:
            return None
        step = max(1, table.rows // _KEYS)
        keys = session.ask(
            f"SELECT {table.key_list} FROM (SELECT t.*, ROW_NUMBER() OVER (ORDER BY {table.key_list}) AS distdiag_row"
            f" FROM {table.quoted} t) numbered WHERE distdiag_row %% {step} = 0 LIMIT {_KEYS}"
        )
        return cls(table, keys) if keys else None

    def read(self, reach: int) -> str:
        """The query that sorts `reach` rows from a key on by an expression without an index."""
        row = f"MD5(CONCAT_WS('|', {', '.join(quoted(name) for name, _ in self._table.columns)}))"
        rows = f"SELECT * FROM {self._table.quoted} WHERE {quoted(self._table.key[0])} >= %s LIMIT {reach}"
        return f"SELECT {row} AS h FROM ({rows}) t ORDER BY h LIMIT 1"
