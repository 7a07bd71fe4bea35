"""Loads the data files into the database of a node; an interrupted load resumes."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, SqlError
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import TABLES, database_of, scale_of
from distdiag_core.workloads.owned_schema import NO_SUCH_DATABASE, NO_SUCH_TABLE, OwnedSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from pathlib import Path

    from distdiag_core.cluster.database import Database, Row, Value
    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from distdiag_core.workloads.benchmarks.tpch.tpch_schema import Table

# A statement of about 150 KB. On OceanBase such inserts are faster than LOAD DATA LOCAL INFILE: 26,000 rows of lineitem
# a second instead of 20,000 on one core.
_BATCH_ROWS = 1_000
# On an overloaded node a batch takes long, and counting a large table longer.
_TIMEOUT_S = 120.0
# The marker table, with the number of rows of each complete table; of lineitem it is not known beforehand.
_COMPLETE = "distdiag_complete"


class TableLoader:
    """The tables of one scale factor on one node."""

    def __init__(self, database: Database, scale: Decimal) -> None:
        self._database = database
        self._schema = database_of(scale)
        self._owned = OwnedSchema(
            database, self._schema, marker=_COMPLETE, tables=[table.name for table in TABLES], timeout_s=_TIMEOUT_S
        )

    async def missing(self) -> str:
        """The first table that is missing or incomplete, in plain words; empty where there is none."""
        try:
            complete = await self._complete()
            for table in TABLES:
                wanted = complete.get(table.name)
                if wanted is None:
                    return f"the table {self._schema}.{table.name} is not complete"
                if (found := await self._count(table)) != wanted:
                    return f"the table {self._schema}.{table.name} has {found:,} of {wanted:,} rows"
        except SqlError as error:
            if error.code in (NO_SUCH_DATABASE, NO_SUCH_TABLE):
                return f"the tables of {self._schema} are not there"
            raise
        return ""

    async def is_recorded(self) -> bool:
        """Whether every table was recorded as complete; the rows are not counted."""
        return {table.name for table in TABLES} <= (await self._complete()).keys()

    async def rows(self) -> int:
        """Number of rows of all complete tables together."""
        return sum((await self._complete()).values())

    async def fill(self, data: GeneratedData, done: Callable[[int, int], None]) -> None:
        """Create and fill what is missing; `done` is called with the number of existing rows and of all rows.

        Each batch is one transaction, in the order of the file. Nodes of one cluster may share their tables and fill
        them concurrently, so that an existing row is no error.

        Raises:
            DataError: a file is damaged, a table has other rows than its file, or is one of another program.
        """
        await self._owned.create()
        await self._query(
            f"CREATE TABLE IF NOT EXISTS {self._schema}.{_COMPLETE} (name VARCHAR(64) PRIMARY KEY, row_count BIGINT)"
        )
        # Reported first, so that rows of an earlier attempt do not count as work of this one.
        here = {table.name: min(await self._made(table), data.rows[table.name]) for table in TABLES}
        total = sum(data.rows.values())
        done(sum(here.values()), total)

        def report(table: str, rows: int) -> None:
            here[table] = max(here[table], rows)
            done(sum(here.values()), total)

        for table in TABLES:
            await self._fill(table, data, partial(report, table.name))

    async def drop(self) -> None:
        """Drop the tables, and the schema when no other table is in it."""
        await self._owned.drop()

    async def _made(self, table: Table) -> int:
        """Create a table unless it exists; its number of rows."""
        await self._query(table.create(self._schema))
        return await self._count(table)

    async def _fill(self, table: Table, data: GeneratedData, done: Callable[[int], None]) -> None:
        wanted = data.rows[table.name]
        # Where rows were deleted, too few remain after resuming: then all are sent again.
        for skip in (await self._count(table), 0):
            if skip < wanted:
                await self._insert(table, data.file(table.name), skip, done)
            found = await self._count(table)
            if found >= wanted:
                break
        if found != wanted:
            raise DataError(
                f"it has {found:,} rows, and its file {wanted:,}",
                where=f"{self._database.node}: {self._schema}.{table.name}",
                hint="clean up, then prepare again",
            )
        await self._query(
            f"REPLACE INTO {self._schema}.{_COMPLETE} VALUES (%s, %s)",
            (table.name, wanted),
        )

    async def _insert(self, table: Table, path: Path, skip: int, done: Callable[[int], None]) -> None:
        width = len(table.columns)
        row = f"({', '.join(['%s'] * width)})"
        batches = _batches(path, width, skip)
        inserted = skip
        while batch := await asyncio.to_thread(next, batches, ()):
            values = ", ".join([row] * len(batch))
            await self._query(
                f"INSERT IGNORE INTO {self._schema}.{table.name} VALUES {values}",
                tuple(chain.from_iterable(batch)),
            )
            inserted += len(batch)
            done(inserted)

    async def _complete(self) -> dict[str, int]:
        rows = await self._query(f"SELECT name, row_count FROM {self._schema}.{_COMPLETE}")
        return {str(name): int(str(count)) for name, count in rows}

    async def _count(self, table: Table) -> int:
        ((count,),) = await self._query(f"SELECT COUNT(*) FROM {self._schema}.{table.name}")
        return int(str(count))

    async def _query(self, statement: str, parameters: tuple[Value, ...] = ()) -> list[Row]:
        return await self._database.query(statement, parameters, timeout_s=_TIMEOUT_S)


async def completed_scales(database: Database) -> tuple[Decimal, ...]:
    """The scale factors whose tables are recorded as complete."""
    found = await database.query(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = %s", (_COMPLETE,), timeout_s=_TIMEOUT_S
    )
    scales = sorted(filter(None, (scale_of(str(row[0])) for row in found)))
    return tuple([scale for scale in scales if await TableLoader(database, scale).is_recorded()])


def _batches(path: Path, width: int, skip: int) -> Iterator[list[list[str]]]:
    """Rows of a file after the first `skip`, in batches.

    Raises:
        DataError: a line has another number of fields than `width`.
    """
    with path.open(encoding="ascii") as file:
        lines = enumerate(islice(file, skip, None), skip + 1)
        while batch := [_fields(path, number, line, width) for number, line in islice(lines, _BATCH_ROWS)]:
            yield batch


def _fields(path: Path, number: int, line: str, width: int) -> list[str]:
    fields = line.split("|")
    # Each field ends with a bar, so that the last piece is the end of the line.
    if len(fields) != width + 1 or fields[-1] != "\n":
        raise DataError(
            f"line {number:,} has not {width} fields", where=str(path), hint="remove the file, then prepare again"
        )
    return fields[:-1]
