"""Comparison of answers whose values two clients return as different types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.tpch.answer_comparison import difference

if TYPE_CHECKING:
    from random import Random

_ROWS = st.lists(
    st.tuples(
        st.integers(0, 3), st.decimals(allow_nan=False, allow_infinity=False, places=2), st.text(max_size=5), st.none()
    )
)


@given(_ROWS, st.randoms(use_true_random=False))
def test_rows_with_the_same_key_may_come_in_any_order(rows: list[tuple[object, ...]], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))
    key = lambda row: row[0]  # noqa: E731

    assert difference(sorted(rows, key=key), sorted(shuffled, key=key), (0,)) == ""


@given(_ROWS, st.data())
def test_a_missing_or_changed_row_is_a_difference(rows: list[tuple[object, ...]], data: st.DataObject) -> None:
    rows = [(1, Decimal(1), "a", None), *rows]
    index = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:index], (9, *rows[index][1:]), *rows[index + 1 :]]

    assert "rows instead of" in difference(rows, [*rows[:index], *rows[index + 1 :]], ())
    assert "instead of" in difference(rows, changed, (0, 1, 2))


def test_rows_in_the_wrong_order_are_a_difference() -> None:
    assert difference([(1, "a"), (2, "b")], [(2, "b"), (1, "a")], (0,)) == "row 1 is (2, b) instead of (1, a)"


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (64, Decimal(64)),
        (Decimal("1.50"), Decimal("1.5000")),
        (25.5751554, Decimal("25.575155")),
        (0.02864874031, Decimal("0.02864874")),
        ("GERMANY", "GERMANY   "),
        (dt.date(1995, 3, 5), dt.date(1995, 3, 5)),
        (None, None),
    ],
)
def test_values_that_are_the_same(expected: object, found: object) -> None:
    assert difference([(expected,)], [(found,)], ()) == ""


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (64, Decimal(65)),
        (Decimal("1193053.2253"), Decimal("1193053.2254")),
        (25.575155, Decimal("25.58")),
        (0.02864874, Decimal("0.02866")),
        ("GERMANY", " GERMANY"),
        ("1", 1),
        (0.0, None),
        (None, 0),
        (dt.date(1995, 3, 5), "1995-03-05"),
    ],
)
def test_values_that_differ(expected: object, found: object) -> None:
    assert "row 1 is" in difference([(expected,)], [(found,)], ())


def test_a_row_with_another_number_of_columns_differs() -> None:
    assert difference([(1, 2)], [(1,)], ()) == "row 1 is (1) instead of (1, 2)"
