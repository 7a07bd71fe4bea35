"""The tables of the workload of a database: the largest ones of its users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .sql_session import quoted

if TYPE_CHECKING:
    from .sql_session import Lease, Row, Session

_SYSTEM = (
    "oceanbase", "mysql", "information_schema", "performance_schema", "sys", "sys_external_tbs", "LBACSYS",
    "ORAAUDITOR", "__recyclebin", "__public",
)  # fmt: skip
# More would be counted for long, and fewer than these are hot.
_MOST = 64
# Enough to tell a large table from a small one.
_COUNTED = 100_000
_SCRATCH_ROWS = 16_384


@dataclass(frozen=True)
class Table:
    """One table; `rows` is at most what was counted.

    Attributes:
        key: the columns of its primary key.
        columns: name and type of each column.
    """

    schema: str
    name: str
    rows: int
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    @property
    def quoted(self) -> str:
        """The quoted name."""
        return quoted(self.schema, self.name)

    @property
    def key_list(self) -> str:
        """The quoted columns of the key."""
        return ", ".join(quoted(column) for column in self.key)


def workload_tables(session: Session, lease: Lease, most: int) -> list[Table]:
    """The largest tables of users, at most `most`; a table of our own where there is none."""
    return _largest(session, most) or [_scratch(session, lease)]


def scratch_schema(lease: Lease) -> str:
    """The name of our own database, which is there only if it is needed."""
    return f"distdiag_{lease.id}"


def drop_scratch(session: Session, lease: Lease) -> None:
    """Drop our own database, if it is there."""
    session.ask(f"DROP DATABASE IF EXISTS {quoted(scratch_schema(lease))}")


def scratch_exists(session: Session, lease: Lease) -> bool:
    """Whether our own database is there."""
    return bool(
        session.ask("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (scratch_schema(lease),))
    )


def _largest(session: Session, most: int) -> list[Table]:
    holes = ", ".join(["%s"] * len(_SYSTEM))
    found = session.ask(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        f" AND table_schema NOT IN ({holes}) AND table_schema NOT LIKE 'distdiag\\_%%'"
        f" ORDER BY table_rows DESC, table_schema, table_name LIMIT {_MOST}",
        _SYSTEM,
    )
    counted = sorted(((_count(session, *row), *row) for row in found), reverse=True)
    return [_described(session, schema, name, rows) for rows, schema, name in counted[:most] if rows]


def _count(session: Session, schema: str, name: str) -> int:
    # The dictionary's own figure is zero until statistics are gathered.
    ((rows,),) = session.ask(f"SELECT COUNT(*) FROM (SELECT 1 FROM {quoted(schema, name)} LIMIT {_COUNTED}) t")
    return int(rows)


def _described(session: Session, schema: str, name: str, rows: int) -> Table:
    key = session.ask(
        "SELECT column_name FROM information_schema.statistics"
        " WHERE table_schema = %s AND table_name = %s AND index_name = 'PRIMARY' ORDER BY seq_in_index",
        (schema, name),
    )
    columns = session.ask(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        (schema, name),
    )
    return Table(schema, name, rows, tuple(str(row[0]) for row in key), tuple(map(_column, columns)))


def _column(row: Row) -> tuple[str, str]:
    return str(row[0]), str(row[1]).lower()


def _scratch(session: Session, lease: Lease) -> Table:
    schema = scratch_schema(lease)
    table = quoted(schema, "rows")
    lease.will_last("database")
    session.ask(f"CREATE DATABASE IF NOT EXISTS {quoted(schema)}")
    session.ask(f"CREATE TABLE IF NOT EXISTS {table} (id INT AUTO_INCREMENT PRIMARY KEY, k INT, c VARCHAR(120), d INT)")
    session.ask(f"INSERT INTO {table} (k, c, d) VALUES (1, MD5(1), 1)")
    while _count(session, schema, "rows") < _SCRATCH_ROWS:
        session.ask(f"INSERT INTO {table} (k, c, d) SELECT k + id, MD5(id), d * 7 %% 1009 FROM {table}")
    return _described(session, schema, "rows", _SCRATCH_ROWS)
