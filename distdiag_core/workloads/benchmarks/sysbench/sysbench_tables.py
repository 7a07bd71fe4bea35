"""The tables of the OLTP scripts of sysbench, created and filled through one node."""

from __future__ import annotations

import re
from itertools import chain, takewhile
from random import Random
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, SqlError
from distdiag_core.workloads.owned_schema import NO_SUCH_DATABASE, NO_SUCH_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from distdiag_core.cluster.database import Database, Row, Value

SCHEMA = "sbtest"
# A statement of about 100 KB: large enough to be fast, small enough to report progress several times a second.
_BATCH_ROWS = 500
# On an overloaded node a batch takes long, and an index over a full table longer.
_TIMEOUT_S = 60.0
_CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
  id INTEGER NOT NULL AUTO_INCREMENT, k INTEGER DEFAULT 0 NOT NULL,
  c CHAR(120) DEFAULT '' NOT NULL, pad CHAR(60) DEFAULT '' NOT NULL,
  PRIMARY KEY (id), KEY k_{number} (k)) COMMENT = '{mark}'
"""
# Comment of the tables made by distdiag. Tables made by sysbench itself are used for a run, but never dropped.
_MARK = "made by distdiag"
# Another node of a cluster that replicates has committed the same rows at the same time.
_CONFLICT = 1213
_MOST_CONFLICTS = 50
_NAME = re.compile(r"sbtest[0-9]+", re.ASCII)


class SysbenchTables:
    """The requested tables on one node.

    Args:
        count: number of tables.
        rows: rows per table.
    """

    def __init__(self, database: Database, count: int, rows: int) -> None:
        self._database = database
        self._count = count
        self._rows = rows
        self._conflicts = 0

    async def missing(self) -> str:
        """The first table that is missing or incomplete, in plain words; empty where there is none."""
        for number in range(1, self._count + 1):
            try:
                rows, _ = await self._extent(number)
            except SqlError as error:
                if error.code in (NO_SUCH_DATABASE, NO_SUCH_TABLE):
                    return f"the table {_name(number)} is not there"
                raise
            if rows < self._rows:
                return f"the table {_name(number)} has {rows:,} of {self._rows:,} rows"
        return ""

    async def fill(self, done: Callable[[int, int], None]) -> None:
        """Create and fill what is missing; `done` is called with the number of existing rows and of all rows.

        Each batch is one transaction, so that an interrupted load resumes after the last one. Nodes of one cluster may
        share their tables and fill them concurrently, so that an existing row is no error.
        """
        await self._query(f"CREATE DATABASE IF NOT EXISTS {SCHEMA}")
        size, total = self._rows, self._count * self._rows
        for number in range(1, self._count + 1):
            before = (number - 1) * size
            await self._query(_CREATE.format(table=_name(number), number=number, mark=_MARK))
            filled = await self._filled(number)
            done(before + filled, total)
            while filled < size:
                batch = range(filled + 1, min(filled + _BATCH_ROWS, size) + 1)
                filled = batch[-1] if await self._inserted(number, batch) else await self._filled(number)
                done(before + filled, total)

    async def drop(self) -> None:
        """Drop the tables that `fill` made, and the database when nothing else is in it.

        Raises:
            DataError: some of the tables were not made by distdiag; they are kept.
        """
        found = await self._query(
            "SELECT table_name, table_comment FROM information_schema.tables WHERE table_schema = %s", (SCHEMA,)
        )
        requested = {f"sbtest{number}" for number in range(1, self._count + 1)}
        marks = {str(table): str(comment) for table, comment in found}
        # Of any number: more tables may have been prepared than are requested now.
        ours = {table for table, mark in marks.items() if mark == _MARK and _NAME.fullmatch(table)}
        for table in sorted(ours):
            await self._query(f"DROP TABLE IF EXISTS {SCHEMA}.{table}")
        if not marks.keys() - ours:
            await self._query(f"DROP DATABASE IF EXISTS {SCHEMA}")
        if kept := sorted(marks.keys() & requested - ours):
            raise DataError(
                f"not made by distdiag, and therefore kept: {', '.join(f'{SCHEMA}.{table}' for table in kept)}",
                where=self._database.node,
                hint="drop them yourself if nobody needs them",
            )

    async def _filled(self, number: int) -> int:
        """The rows that a table needs no more; with a gap in the ids none, since existing rows are ignored."""
        rows, last = await self._extent(number)
        return min(rows, self._rows) if rows >= last else 0

    async def _extent(self, number: int) -> tuple[int, int]:
        """Number of rows and highest id of a table."""
        ((rows, last),) = await self._query(f"SELECT COUNT(*), COALESCE(MAX(id), 0) FROM {_name(number)}")
        return int(str(rows)), int(str(last))

    async def _inserted(self, number: int, ids: range) -> bool:
        """Whether the rows were inserted; not if another node did it at the same time."""
        try:
            await self._insert(number, ids)
        except SqlError as error:
            self._conflicts += 1
            if error.code != _CONFLICT or self._conflicts > _MOST_CONFLICTS:
                raise
            return False
        self._conflicts = 0
        return True

    async def _insert(self, number: int, ids: range) -> None:
        random = Random()  # noqa: S311 - contents of columns
        values = ", ".join(["(%s, %s, %s, %s)"] * len(ids))
        statement = f"INSERT IGNORE INTO {_name(number)} (id, k, c, pad) VALUES {values}"
        await self._query(statement, tuple(chain.from_iterable(_rows(ids, self._rows, random))))

    async def _query(self, statement: str, parameters: tuple[Value, ...] = ()) -> list[Row]:
        return await self._database.query(statement, parameters, timeout_s=_TIMEOUT_S)


async def sizes(database: Database) -> tuple[tuple[int, int], ...]:
    """How many tables there are, numbered from 1 on, and the highest id that all of them reach; nothing for none."""
    found = await database.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (SCHEMA,), timeout_s=_TIMEOUT_S
    )
    names = {f"{SCHEMA}.{row[0]!s}" for row in found}
    tables = list(takewhile(lambda name: name in names, map(_name, range(1, len(names) + 1))))
    if not tables:
        return ()
    # By the primary key: counting the rows of a large table takes long.
    asked = " UNION ALL ".join(f"SELECT COALESCE(MAX(id), 0) FROM {table}" for table in tables)
    rows = min(int(str(row[0])) for row in await database.query(asked, timeout_s=_TIMEOUT_S))
    return ((len(tables), rows),) if rows else ()


def _name(number: int) -> str:
    return f"{SCHEMA}.sbtest{number}"


def _rows(ids: range, size: int, random: Random) -> Iterator[tuple[int, int, str, str]]:
    """Rows like those of sysbench: a search key, and groups of eleven digits in two columns."""
    for row in ids:
        # One number for fifteen groups: drawing each separately takes longer than storing the row.
        digits = f"{random.randrange(10**165):0165d}"
        groups = [digits[start : start + 11] for start in range(0, 165, 11)]
        yield row, random.randint(1, size), "-".join(groups[:10]), "-".join(groups[10:])
