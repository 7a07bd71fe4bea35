"""Source `sysstat` against a database that answers by a script."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.metrics.sources import sysstat
from distdiag_core.metrics.sources.sysstat import SysstatSource
from tests.cluster.server_views import TENANTS, ServerViews

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
    reading = await SysstatSource(
        database, tenants=("sys",), statistics=("DB time", "active sessions", "cpu usage")
    ).read()
    assert reading.clock_s == pytest.approx(5.0)
    assert reading.values == {"DB time": 12, "active sessions": -7}
    assert database.asked[0][1] == (1, "DB time", "active sessions", "cpu usage")
    assert database.asked[0][0].count("%s") == 4


async def test_the_number_of_another_tenant_is_looked_up_once() -> None:
    database = Answers([(1002, "shop", "USER", "MYSQL", "", "NORMAL")], _ROWS, _ROWS)
    source = SysstatSource(database, tenants=("shop",), statistics=("DB time",))
    await source.read()
    await source.read()
    assert [parameters for _, parameters in database.asked] == [(), (1002, "DB time"), (1002, "DB time")]


@pytest.mark.parametrize(
    ("version", "tenants", "value"),
    [
        ("4 sys", ("sys",), 5),
        ("4.3 sys", ("shop",), 100),
        ("4.4 sys", ("sys", "ledger"), 1005),
        ("4 without DBA views", ("sys", "shop"), 105),
        # With the part of a tenant that is the engine's own.
        ("4 sys", ("all",), 1115),
        ("3", ("all",), 1105),
        ("3", ("sys",), 5),
        ("4 user tenant", ("shop",), 100),
        ("4 user tenant", ("all",), 110),
        ("4 user tenant without views", ("all",), 100),
    ],
)
async def test_the_sum_of_tenants_by_the_views_of_each_version(
    version: str, tenants: tuple[str, ...], value: int, tmp_path: Path
) -> None:
    async with ServerViews(version).connected(tmp_path) as database:
        reading = await SysstatSource(database, tenants=tenants, statistics=("DB time", "rpc")).read()
    assert reading.values == {"DB time": value, "rpc": value}
    of_user = version.startswith("4 user") and tenants == ("all",)
    assert any("sees that tenant alone" in note for note in reading.notes) == of_user


@pytest.mark.parametrize(
    ("version", "tenants", "denied", "complaint"),
    [
        ("4 sys", ("bank",), "", "n1: tenant 'bank': does not exist on this cluster; correct `tenants`"),
        ("4 sys", ("shop",), "DBA_OB_TENANTS", "n1: tenant 'shop': .*; GRANT SELECT ON oceanbase.* TO 'watcher'"),
        ("4 sys", ("sys",), "V$SYSSTAT", "n1: V$SYSSTAT: .*; GRANT SELECT ON oceanbase.* TO 'watcher'"),
        ("4 user tenant", ("sys",), "", "n1: tenant 'sys': the account is of the tenant shop"),
        ("4 sys", ("idle",), "", "n1: V$SYSSTAT: there are no statistics of the tenant 'idle'"),
    ],
)
async def test_statistics_that_are_not_seen_are_an_error_with_what_mends_it(
    version: str, tenants: tuple[str, ...], denied: str, complaint: str, tmp_path: Path
) -> None:
    views = ServerViews(version)
    views.denied = frozenset({denied})
    views.tenants = (*TENANTS, (1006, "idle", "USER", "MYSQL", "PRIMARY", "NORMAL"))
    async with views.connected(tmp_path) as database:
        with pytest.raises(DistdiagError) as caught:
            await SysstatSource(database, tenants=tenants, statistics=("DB time",), user="watcher@sys").read()
    head, _, tail = complaint.partition(".*;")
    assert str(caught.value).startswith(head)
    assert str(caught.value).endswith(tail) or not tail


async def test_a_tenant_that_is_made_anew_is_found_again(tmp_path: Path) -> None:
    views = ServerViews("4 sys")
    async with views.connected(tmp_path) as database:
        source = SysstatSource(database, tenants=("shop",), statistics=("DB time",))
        assert (await source.read()).values == {"DB time": 100}
        views.tenants = (TENANTS[0], (1004, "shop", "USER", "MYSQL", "PRIMARY", "NORMAL"))
        with pytest.raises(DataError, match="no statistics of the tenant"):
            await source.read()
        assert (await source.read()).values == {"DB time": 1000}


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
