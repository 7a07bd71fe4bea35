"""The schema that distdiag creates for the tables of a benchmark, recognized by a marker table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection

    from distdiag_core.cluster.database import Database, Row, Value

NO_SUCH_DATABASE, NO_SUCH_TABLE = 1049, 1146


class OwnedSchema:
    """The schema of a benchmark on one node.

    Args:
        marker: the table that is created first and dropped last, and records what is loaded. Tables without it belong
            to another program, and are neither filled nor dropped.
        tables: names of the other tables.
        timeout_s: of each statement.
    """

    def __init__(
        self, database: Database, name: str, *, marker: str, tables: Collection[str], timeout_s: float
    ) -> None:
        self._database = database
        self._name = name
        self._marker = marker
        self._tables = frozenset(tables)
        self._timeout_s = timeout_s

    async def create(self) -> None:
        """Create the schema where it does not exist, without its tables.

        Raises:
            DataError: it has tables of another program.
        """
        await self._query(f"CREATE DATABASE IF NOT EXISTS {self._name}")
        existing = await self._existing()
        if self._marker not in existing and (others := sorted(existing & self._tables)):
            raise DataError(
                f"the database {self._name} has tables of another program: {', '.join(others)}",
                where=self._database.node,
                hint="rename or drop them if nobody needs them",
            )

    async def drop(self) -> None:
        """Drop the tables, and the schema when no other table is in it."""
        existing = await self._existing()
        if self._marker in existing:
            # After an interruption the remaining tables are not taken for a complete set.
            await self._query(f"DELETE FROM {self._name}.{self._marker}")  # noqa: S608 - names of our own
            for table in (*sorted(existing & self._tables), self._marker):
                await self._query(f"DROP TABLE IF EXISTS {self._name}.{table}")
            existing -= {*self._tables, self._marker}
        if not existing:
            await self._query(f"DROP DATABASE IF EXISTS {self._name}")

    async def _existing(self) -> set[str]:
        found = await self._query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (self._name,)
        )
        return {str(row[0]) for row in found}

    async def _query(self, statement: str, parameters: tuple[Value, ...] = ()) -> list[Row]:
        return await self._database.query(statement, parameters, timeout_s=self._timeout_s)
