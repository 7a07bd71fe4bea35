"""Fills the tables through one node, over several connections."""

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

# On a node in trouble a batch takes long.
_TIMEOUT_S = 60.0
_DUPLICATE_KEY = 1062
_AGAIN = "say the same as then, or clean up and prepare again"


class Population:
    """The warehouses of one node."""

    def __init__(self, node: str, spread: WarehouseNumbers, scale: Scale) -> None:
        self._node = node
        self._spread = spread
        self._scale = scale
        self._chunks = chunks.of_warehouses(spread.of(node), scale)

    @property
    def rows(self) -> int:
        """About how many rows there are when all is loaded."""
        return sum(chunk.rows for chunk in self._chunks)

    async def missing(self, database: Database) -> str:
        """What is not there of it, in plain words; empty where all is.

        Raises:
            DataError: what is there was loaded with another scale or another number of warehouses.
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
        """Load what is missing; `done` hears how many rows are there.

        Args:
            databases: connections to the node, one for each chunk that is loaded at a time.

        Raises:
            DataError: what is there was loaded with another scale or another number of warehouses.
        """
        await tpcc_schema.create(databases[0])
        loaded = await self._loaded(databases[0])
        left = [chunk for chunk in self._chunks if chunk.key not in loaded]
        there = self.rows - sum(chunk.rows for chunk in left)
        done(there)

        def add(rows: int) -> None:
            nonlocal there
            there += rows
            done(there)

        turns = iter(left)
        try:
            async with asyncio.TaskGroup() as group:
                for database in databases:
                    group.create_task(self._fill_from(turns, database, add))
        except ExceptionGroup as several:
            failed, others = several.split(DistdiagError)
            if failed is None or others is not None:
                raise
            # What stops one connection stops the others too, for the same reason as a rule.
            raise failed.exceptions[0] from None

    async def _fill_from(self, turns: Iterator[Chunk], database: Database, add: Callable[[int], None]) -> None:
        for chunk in turns:
            await self._load(chunk, database, add)

    async def _load(self, chunk: Chunk, database: Database, add: Callable[[int], None]) -> None:
        await _ask(database, "BEGIN")
        told = 0
        batches = chunk.batches(self._scale)
        try:
            noted = await self._note(chunk, database)
            # Making rows takes a processor for milliseconds; the loop of a console must not wait for it.
            while noted and (batch := await asyncio.to_thread(next, batches, None)):
                table, texts = batch
                await _ask(database, f"INSERT INTO {SCHEMA}.{table} VALUES {','.join(texts)}")  # noqa: S608
                share = min(len(texts), chunk.rows - told)
                told += share
                add(share)
        except SqlError as error:
            await _ask(database, "ROLLBACK")
            add(-told)
            if error.code != _DUPLICATE_KEY:
                raise
            # A cleanup that was interrupted has forgotten what is loaded before it has dropped it.
            trouble = f"{chunk.part} of warehouse {chunk.warehouse}: rows are there, and no note that they were loaded"
            raise DataError(trouble, where=self._node, hint="clean up and prepare again") from error
        await _ask(database, "COMMIT")
        add(chunk.rows - told)

    async def _note(self, chunk: Chunk, database: Database) -> bool:
        """Note that a chunk is loaded; False where another node has loaded it, as all of them see the same tables."""
        note = f"INSERT INTO {SCHEMA}.{LOADED} VALUES (%s, %s, %s, %s)"  # noqa: S608
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
            f"SELECT warehouse, part, node, percent FROM {SCHEMA}.{LOADED}",  # noqa: S608
            timeout_s=_TIMEOUT_S,
        )
        for warehouse, _, node, percent in found:
            self._check(int(str(warehouse)), str(node), int(str(percent)))
        return {(int(str(warehouse)), str(part)) for warehouse, part, _, _ in found}

    def _check(self, warehouse: int, node: str, percent: int) -> None:
        if percent != self._scale.percent:
            trouble = f"the tables were loaded at a scale of {percent} %, not {self._scale.percent} %"
            raise DataError(trouble, where=self._node, hint=_AGAIN)
        if warehouse == chunks.NO_WAREHOUSE:
            return
        if node not in self._spread.nodes or warehouse not in self._spread.of(node):
            trouble = f"warehouse {warehouse} was loaded for {node}, when nodes had another number of warehouses"
            raise DataError(trouble, where=self._node, hint=_AGAIN)


async def _ask(database: Database, statement: str) -> None:
    await database.query(statement, timeout_s=_TIMEOUT_S)
