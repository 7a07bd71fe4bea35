"""The 22 queries (clause 2.4) in SQL that OceanBase and DuckDB both accept, with parameters as `:name`.

Differences from the functional query definitions: dates and intervals in the syntax of the engines (clause 2.2.3.3 c),
`limit` for the number of rows (2.1.2.9), column names inside the nested table of query 13, and a common table
expression for the view of query 15, so that streams share no view (2.1.2.3).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpch.query_parameters import Parameters, Value

NUMBERS = tuple(range(1, 23))

_PARAMETER = re.compile(r":([a-z]\w*)")
# Columns that the answer is ordered by, counted from 0.
_ORDERED_BY = {
    1: (0, 1), 2: (0, 2, 1, 3), 3: (1, 2), 4: (0,), 5: (1,), 7: (0, 1, 2), 8: (0,), 9: (0, 1), 10: (2,), 11: (1,),
    12: (0,), 13: (1, 0), 15: (0,), 16: (3, 0, 1, 2), 18: (4, 3), 20: (0,), 21: (1, 0), 22: (0,),
}  # fmt: skip


@cache
def _template(query: int) -> str:
    return files(__package__).joinpath("queries", f"q{query:02d}.sql").read_text(encoding="ascii")


def for_mysql(query: int, parameters: Parameters) -> tuple[str, tuple[Value, ...]]:
    """The text of `query` with `%s` for each parameter, for the MySQL client, and the values in that order."""
    template = _template(query)
    values = tuple(parameters[name] for name in _PARAMETER.findall(template))
    return _PARAMETER.sub("%s", template.replace("%", "%%")), values


def for_duckdb(query: int) -> str:
    """The text of `query` with parameters as `$name`, as DuckDB binds them."""
    return _PARAMETER.sub(r"$\1", _template(query))


def ordered_by(query: int) -> tuple[int, ...]:
    """Columns that the answer to `query` is ordered by, counted from 0; empty where it has one row."""
    return _ORDERED_BY.get(query, ())
