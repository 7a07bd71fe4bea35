"""Reference answers, computed by DuckDB from the same files with the same queries and parameters."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.workloads.benchmarks.tpch import queries
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from distdiag_core.workloads.benchmarks.tpch.query_parameters import Parameters
    from distdiag_core.workloads.benchmarks.tpch.tpch_schema import Table

    Answer = list[tuple[object, ...]]

# Beyond it DuckDB uses a file; the console and the engines need memory too.
_MEMORY = "1GB"
_THREADS = 2


async def answers(data: GeneratedData, parameters: Mapping[int, Parameters]) -> dict[int, Answer]:
    """Rows of each answer, by query.

    Raises:
        ConfigError: DuckDB is not installed on this machine.
        DataError: the files cannot be read.
    """
    connection = _connected(data)
    # A thread cannot be cancelled, but its query can be interrupted.
    work = asyncio.ensure_future(asyncio.to_thread(_answer_all, connection, data, parameters))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        connection.interrupt()
        await asyncio.wait((work,))
        raise
    finally:
        connection.close()


def _connected(data: GeneratedData) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise ConfigError(
            "DuckDB, which the answers are compared with, is not installed here", hint="pip install distdiag[tpch]"
        ) from None
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": _THREADS,
        "temp_directory": str(data.directory / "duckdb"),
    }
    return duckdb.connect(config=settings)


def _answer_all(
    connection: duckdb.DuckDBPyConnection, data: GeneratedData, parameters: Mapping[int, Parameters]
) -> dict[int, Answer]:
    import duckdb

    try:
        for table in TABLES:
            _read(connection, data, table)
        return {
            query: connection.execute(queries.for_duckdb(query), dict(given)).fetchall()
            for query, given in parameters.items()
        }
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"DuckDB cannot answer: {reason}", where=str(data.directory)) from error


def _read(connection: duckdb.DuckDBPyConnection, data: GeneratedData, table: Table) -> None:
    connection.execute(table.create_reference())
    names = [column.partition(" ")[0] for column in table.columns]
    # The bar at the end of a line makes one more, empty column.
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in (*names, "line_end"))
    connection.execute(
        f"INSERT INTO {table.name} SELECT {', '.join(names)} "
        f"FROM read_csv($file, delim='|', header=false, quote='', escape='', auto_detect=false, columns={{{columns}}})",
        {"file": str(data.file(table.name))},
    )
