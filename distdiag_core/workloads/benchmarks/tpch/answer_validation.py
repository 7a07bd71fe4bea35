"""Validation of the answers of a node to the 22 queries (clause 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError
from distdiag_core.workloads import statement_limit
from distdiag_core.workloads.benchmark import Finding
from distdiag_core.workloads.benchmarks.tpch import queries, reference_answers
from distdiag_core.workloads.benchmarks.tpch.answer_comparison import difference
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import database_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from distdiag_core.workloads.benchmarks.tpch.query_parameters import Parameters
    from distdiag_core.workloads.benchmarks.tpch.reference_answers import Answer

# The time-out of the engine comes before that of the connection.
_GRACE_S = 5.0


async def validated(
    database: Database, data: GeneratedData, parameters: Mapping[int, Parameters], *, timeout_s: float
) -> tuple[Finding, ...]:
    """Compare the answer to each query of `parameters` with that of DuckDB.

    Raises:
        ConfigError: DuckDB is not installed on this machine.
        UnreachableError: the connection was lost.
    """
    expected = await reference_answers.answers(data, parameters)
    await database.query(f"USE {database_of(data.scale)}")
    await statement_limit.limit(database, timeout_s)
    return tuple(
        [await _finding(database, query, given, expected[query], timeout_s) for query, given in parameters.items()]
    )


async def _finding(database: Database, query: int, given: Parameters, expected: Answer, timeout_s: float) -> Finding:
    what = f"query {query} answers as DuckDB does"
    text, values = queries.for_mysql(query, given)
    try:
        found = await database.query(text, values, timeout_s=timeout_s + _GRACE_S)
    except SqlError as error:
        return Finding(what, holds=False, detail=f"refused: {error.what} (error {error.code})")
    found_difference = difference(expected, found, queries.ordered_by(query))
    return Finding(what, holds=not found_difference, detail=found_difference or f"rows: {len(found):,}")
