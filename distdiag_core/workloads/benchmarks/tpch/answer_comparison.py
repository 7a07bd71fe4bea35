"""Whether two answers to a query are the same.

Clause 2.1.3.5 asks for exact values and counts, for sums within $100 and for ratios and averages within 1 %, since it
compares with answers that were printed. Here both answers are computed from the same rows, so that sums, which both
engines compute in decimals, have to be exact too, and quotients agree to a ten-thousandth.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = Sequence[object]

# MySQL's dialect gives a quotient four digits more than its dividend has, and that is six at least; DuckDB gives a
# binary fraction.
_QUOTIENT = 1e-4
_LAST_DIGIT = 1e-6


def difference(expected: Sequence[Row], found: Sequence[Row], ordered_by: Sequence[int]) -> str:
    """The first difference, in plain words; empty where there is none.

    Rows that are alike in the columns `ordered_by` (counted from 0) may come in any order.
    """
    if len(expected) != len(found):
        return f"{len(found):,} rows instead of {len(expected):,}"
    by_key = _ties_sorted(expected, ordered_by), _ties_sorted(found, ordered_by)
    for number, (wanted, row) in enumerate(zip(*by_key, strict=True), 1):
        if not _alike(wanted, row):
            return f"row {number:,} is {_shown(row)} instead of {_shown(wanted)}"
    return ""


def _ties_sorted(rows: Sequence[Row], ordered_by: Sequence[int]) -> list[Row]:
    """The rows in their order, but neighbours with the same key in one that depends on their values alone."""
    result: list[Row] = []
    tied: list[Row] = []
    for row in rows:
        if tied and [row[i] for i in ordered_by] != [tied[0][i] for i in ordered_by]:
            result += sorted(tied, key=_rank)
            tied = []
        tied.append(row)
    return result + sorted(tied, key=_rank)


def _rank(row: Row) -> tuple[str, ...]:
    return tuple(str(value) for value in row)


def _alike(expected: Row, found: Row) -> bool:
    return len(expected) == len(found) and all(map(_same, expected, found))


def _same(expected: object, found: object) -> bool:
    if isinstance(expected, float) or isinstance(found, float):
        return _numeric(expected) and _numeric(found) and _close(float(str(expected)), float(str(found)))
    if _numeric(expected) and _numeric(found):
        return expected == found
    if isinstance(expected, str) and isinstance(found, str):
        # Clause 2.1.3.4 e: blanks at the end are no difference, since CHAR columns may be padded.
        return expected.rstrip() == found.rstrip()
    return type(expected) is type(found) and expected == found


def _numeric(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _close(expected: float, found: float) -> bool:
    return abs(found - expected) <= max(_LAST_DIGIT, _QUOTIENT * abs(expected))


def _shown(row: Row) -> str:
    return "(" + ", ".join(_text(value) for value in row) + ")"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
