"""Whether a node answers the 22 queries as they should be answered (clause 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError
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

# The engine is to give up on a query before the connection is given up.
_GRACE_S = 5.0


async def validated(
    database: Database, data: GeneratedData, parameters: Mapping[int, Parameters], *, timeout_s: float
) -> tuple[Finding, ...]:
    """A finding for each query of `parameters`: its answer is DuckDB's, or differs, or the node refuses the query.

    Raises:
        ConfigError: DuckDB is not installed here.
        UnreachableError: the connection was lost.
    """
    expected = await reference_answers.answers(data, parameters)
    await database.query(f"USE {database_of(data.scale)}")
    await database.query("SET SESSION ob_query_timeout = %s", (round(timeout_s * 1_000_000),))
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
    unlike = difference(expected, found, queries.ordered_by(query))
    return Finding(what, holds=not unlike, detail=unlike or f"rows: {len(found):,}")
