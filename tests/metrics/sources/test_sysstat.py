"""Source `sysstat` against a database that answers by a script."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import DataError, DistdiagError, SqlError
from distdiag_core.metrics.sources import sysstat
from distdiag_core.metrics.sources.sysstat import SysstatSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Row, Value

_ROWS: list[Row] = [("DB time", 12, 5_000_000), ("active sessions", -7, 5_000_000), ("cpu usage", None, 5_000_000)]


class Answers:
    """A database that gives these answers in turn and remembers what it was asked."""

    node = "n1"

    def __init__(self, *answers: list[Row] | Exception) -> None:
        self.asked: list[tuple[str, tuple[Value, ...]]] = []
        self._answers = list(answers)

    async def query(
        self, statement: str, parameters: Sequence[Value] = (), *, timeout_s: float | None = None
    ) -> list[Row]:
        self.asked.append((statement, tuple(parameters)))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_reading_has_the_engines_clock_and_what_it_told() -> None:
    database = Answers(_ROWS)
    reading = await SysstatSource(database, tenant="sys", statistics=("DB time", "active sessions", "cpu usage")).read()
    assert reading.clock_s == pytest.approx(5.0)
    assert reading.values == {"DB time": 12, "active sessions": -7}
    assert database.asked[0][1] == (1, "DB time", "active sessions", "cpu usage")
    assert database.asked[0][0].count("%s") == 4


async def test_the_number_of_another_tenant_is_looked_up_once() -> None:
    database = Answers([(1002,)], _ROWS, _ROWS)
    source = SysstatSource(database, tenant="shop", statistics=("DB time",))
    await source.read()
    await source.read()
    assert [parameters for _, parameters in database.asked] == [("shop",), (1002, "DB time"), (1002, "DB time")]


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([[]], "tenant 'shop': does not exist on this cluster; correct `tenant`"),
        ([SqlError("no such table", code=1146)], "cannot be found: no such table; grant the account"),
        ([[(1002,)], []], "no statistics of the tenant 'shop'"),
        ([[("x",)]], "'x' is not a number"),
    ],
)
async def test_a_tenant_without_statistics_is_said_to_be_so(
    answers: list[list[Row] | Exception], complaint: str
) -> None:
    with pytest.raises(DistdiagError, match="n1") as caught:
        await SysstatSource(Answers(*answers), tenant="shop", statistics=("DB time",)).read()
    assert complaint in str(caught.value)


_VALUE = st.one_of(st.none(), st.text(max_size=5), st.integers(), st.floats(), st.decimals(), st.binary(max_size=4))
_ROW = st.one_of(
    st.tuples(st.just("DB time"), st.integers() | st.decimals(allow_nan=False), st.integers()),
    st.lists(_VALUE, max_size=4).map(tuple),
)


@given(st.lists(_ROW, max_size=4))
def test_no_rows_bring_anything_but_a_reading_or_a_data_error(rows: list[Row]) -> None:
    try:
        reading = sysstat.parse(rows, where="n1")
    except DataError:
        return
    assert all(abs(value) < float("inf") for value in (reading.clock_s, *reading.values.values()))


def test_decimals_are_figures_like_any_other() -> None:
    assert sysstat.parse([("DB time", Decimal("1.5"), Decimal(2_000_000))], where="n1").values == {"DB time": 1.5}
