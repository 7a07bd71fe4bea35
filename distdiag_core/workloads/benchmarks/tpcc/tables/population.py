"""The initial population of the warehouses of one node, loaded over several connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, DistdiagError, SqlError
from distdiag_core.workloads.benchmarks.tpcc.tables import chunks, tpcc_schema
from distdiag_core.workloads.benchmarks.tpcc.tables.tpcc_schema import LOADED, SCHEMA
from distdiag_core.workloads.owned_schema import NO_SUCH_DATABASE, NO_SUCH_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmarks.tpcc.tables.chunks import Chunk
    from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
    from distdiag_core.workloads.benchmarks.tpcc.tables.warehouse_numbers import WarehouseNumbers

# On an overloaded node a batch takes long.
_TIMEOUT_S = 60.0
_DUPLICATE_KEY = 1062
_AGAIN = "say the same as then, or clean up and prepare again"


class Population:
    """The warehouses of one node and their loading state."""

    def __init__(self, node: str, numbers: WarehouseNumbers, scale: Scale) -> None:
        self._node = node
        self._numbers = numbers
        self._scale = scale
        self._chunks = chunks.of_warehouses(numbers.of(node), scale)

    @property
    def rows(self) -> int:
        """Approximate number of rows of the complete population."""
        return sum(chunk.rows for chunk in self._chunks)

    async def missing(self, database: Database) -> str:
        """What is not loaded, in plain words; empty where the population is complete.

        Raises:
            DataError: rows were loaded with another scale or another number of warehouses.
        """
        try:
            loaded = await self._loaded(database)
        except SqlError as error:
            if error.code in (NO_SUCH_DATABASE, NO_SUCH_TABLE):
                return "the tables of TPC-C are not there"
            raise
        left = [chunk for chunk in self._chunks if chunk.key not in loaded]
        return f"{len(left)} of {len(self._chunks)} parts of the tables are not loaded" if left else ""

    async def fill(self, databases: Sequence[Database], done: Callable[[int], None]) -> None:
        """Load the missing chunks; `done` is called with the number of loaded rows.

        Args:
            databases: connections to the node; each loads one chunk at a time.

        Raises:
            DataError: rows were loaded with another scale or another number of warehouses.
        """
        await tpcc_schema.create(databases[0])
        loaded = await self._loaded(databases[0])
        left = [chunk for chunk in self._chunks if chunk.key not in loaded]
        loaded_rows = self.rows - sum(chunk.rows for chunk in left)
        done(loaded_rows)

        def add(rows: int) -> None:
            nonlocal loaded_rows
            loaded_rows += rows
            done(loaded_rows)

        turns = iter(left)
        try:
            async with asyncio.TaskGroup() as group:
                for database in databases:
                    group.create_task(self._fill_from(turns, database, add))
        except ExceptionGroup as several:
            failed, others = several.split(DistdiagError)
            if failed is None or others is not None:
                raise
            # All connections usually fail for the same reason.
            raise failed.exceptions[0] from None

    async def _fill_from(self, turns: Iterator[Chunk], database: Database, add: Callable[[int], None]) -> None:
        for chunk in turns:
            await self._load(chunk, database, add)

    async def _load(self, chunk: Chunk, database: Database, add: Callable[[int], None]) -> None:
        await _execute(database, "BEGIN")
        reported = 0
        batches = chunk.batches(self._scale)
        try:
            recorded = await self._record(chunk, database)
            # Generating a batch takes milliseconds of a processor, which must not block the event loop of a console.
            while recorded and (batch := await asyncio.to_thread(next, batches, None)):
                table, texts = batch
                await _execute(database, f"INSERT INTO {SCHEMA}.{table} VALUES {','.join(texts)}")
                share = min(len(texts), chunk.rows - reported)
                reported += share
                add(share)
        except SqlError as error:
            await _execute(database, "ROLLBACK")
            add(-reported)
            if error.code != _DUPLICATE_KEY:
                raise
            # An interrupted cleanup has deleted the records of the chunks before it dropped their tables.
            text = f"{chunk.part} of warehouse {chunk.warehouse}: rows are there, and no note that they were loaded"
            raise DataError(text, where=self._node, hint="clean up and prepare again") from error
        await _execute(database, "COMMIT")
        add(chunk.rows - reported)

    async def _record(self, chunk: Chunk, database: Database) -> bool:
        """Record a chunk as loaded; False where another node that shares the tables has loaded it."""
        note = f"INSERT INTO {SCHEMA}.{LOADED} VALUES (%s, %s, %s, %s)"
        try:
            await database.query(
                note, (chunk.warehouse, chunk.part, self._node, self._scale.percent), timeout_s=_TIMEOUT_S
            )
        except SqlError as error:
            if error.code != _DUPLICATE_KEY:
                raise
            return False
        return True

    async def _loaded(self, database: Database) -> set[tuple[int, str]]:
        found = await database.query(
            f"SELECT warehouse, part, node, percent FROM {SCHEMA}.{LOADED}",
            timeout_s=_TIMEOUT_S,
        )
        for warehouse, _, node, percent in found:
            self._check(int(str(warehouse)), str(node), int(str(percent)))
        return {(int(str(warehouse)), str(part)) for warehouse, part, _, _ in found}

    def _check(self, warehouse: int, node: str, percent: int) -> None:
        if percent != self._scale.percent:
            text = f"the tables were loaded at a scale of {percent} %, not {self._scale.percent} %"
            raise DataError(text, where=self._node, hint=_AGAIN)
        if warehouse == chunks.NO_WAREHOUSE:
            return
        if node not in self._numbers.nodes or warehouse not in self._numbers.of(node):
            text = f"warehouse {warehouse} was loaded for {node}, when nodes had another number of warehouses"
            raise DataError(text, where=self._node, hint=_AGAIN)


async def loaded_sizes(database: Database, node: str) -> tuple[tuple[int, int], ...]:
    """The number of warehouses that were begun for a node, and their scale in percent; nothing where there are none."""
    try:
        rows = await database.query(
            f"SELECT COUNT(DISTINCT warehouse), percent FROM {SCHEMA}.{LOADED} "
            "WHERE node = %s AND warehouse <> %s GROUP BY percent",
            (node, chunks.NO_WAREHOUSE),
            timeout_s=_TIMEOUT_S,
        )
    except SqlError:
        # There is no such table, or the account may not read it.
        return ()
    return tuple((int(str(warehouses)), int(str(percent))) for warehouses, percent in rows)


async def _execute(database: Database, statement: str) -> None:
    await database.query(statement, timeout_s=_TIMEOUT_S)
