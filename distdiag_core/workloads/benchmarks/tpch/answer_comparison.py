"""Comparison of two answers to a query.

Clause 2.1.3.5 asks for exact values and counts, sums within $100, ratios and averages within 1 % of printed answers.
Here both answers come from the same rows, so that sums, which both engines compute in decimals, must be exact as well,
and quotients must agree to a ten-thousandth.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = Sequence[object]

# In the MySQL dialect a quotient has four digits more than its dividend, and at least six; in DuckDB it is a double.
_QUOTIENT = 1e-4
_LAST_DIGIT = 1e-6


def difference(expected: Sequence[Row], found: Sequence[Row], ordered_by: Sequence[int]) -> str:
    """The first difference, in plain words; empty where the answers agree.

    Rows with equal values in the columns `ordered_by` (counted from 0) may come in any order.
    """
    if len(expected) != len(found):
        return f"{len(found):,} rows instead of {len(expected):,}"
    by_key = _ties_sorted(expected, ordered_by), _ties_sorted(found, ordered_by)
    for number, (wanted, row) in enumerate(zip(*by_key, strict=True), 1):
        if not _rows_agree(wanted, row):
            return f"row {number:,} is {_shown(row)} instead of {_shown(wanted)}"
    return ""


def _ties_sorted(rows: Sequence[Row], ordered_by: Sequence[int]) -> list[Row]:
    """The rows in their order, with adjacent rows of equal key sorted by their values."""
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


def _rows_agree(expected: Row, found: Row) -> bool:
    return len(expected) == len(found) and all(map(_values_agree, expected, found))


def _values_agree(expected: object, found: object) -> bool:
    if isinstance(expected, float) or isinstance(found, float):
        return _numeric(expected) and _numeric(found) and _close(float(str(expected)), float(str(found)))
    if _numeric(expected) and _numeric(found):
        return expected == found
    if isinstance(expected, str) and isinstance(found, str):
        # Clause 2.1.3.4 e: trailing blanks are ignored, since CHAR columns may be padded.
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
