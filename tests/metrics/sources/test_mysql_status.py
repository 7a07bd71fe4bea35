"""Source `mysql_status` against databases that answer as MySQL and MariaDB do, by a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import DataError, SqlError
from distdiag_core.metrics.source import metrics_of
from distdiag_core.metrics.sources import mysql_status
from distdiag_core.metrics.sources.mysql_status import MysqlStatusSource
from tests.metrics.sources.test_sysstat import Answers

if TYPE_CHECKING:
    from distdiag_core.cluster.database import Row

_KEYS = ("Com_commit", "transactions", "statement_time_s", "Questions", "wsrep_ready", "wsrep_cluster_status")
_MARIADB: list[Row] = [
    ("COM_COMMIT", "7", 5.5),
    ("COM_ROLLBACK", "3", 5.5),
    ("QUESTIONS", "40", 5.5),
    ("BUSY_TIME", "1.250000", 5.5),
    ("WSREP_READY", "ON", 5.5),
    ("WSREP_CLUSTER_STATUS", "non-Primary", 5.5),
]
_MYSQL: list[Row] = [("Com_commit", "7", 5.5), ("Questions", "40", 5.5)]


async def test_mariadb_tells_in_capitals_and_words_and_in_another_schema() -> None:
    database = Answers(SqlError("no such table", code=1146), _MARIADB, _MARIADB)
    source = MysqlStatusSource(database, keys=_KEYS)
    reading = await source.read()
    assert reading.clock_s == pytest.approx(5.5)
    assert reading.values == {
        "Com_commit": 7, "transactions": 10, "statement_time_s": 1.25, "Questions": 40, "wsrep_ready": 1,
        "wsrep_cluster_status": 0,
    }  # fmt: skip
    await source.read()
    assert ["performance_schema" in statement for statement, _ in database.asked] == [True, False, False]


async def test_mysql_without_galera_lacks_its_figures_alone_and_counts_statements_elsewhere() -> None:
    database = Answers(_MYSQL, [(40, 2_500_000_000_000, 3)])
    reading = await MysqlStatusSource(database, keys=_KEYS).read()
    assert reading.values == {"Com_commit": 7, "transactions": 7, "Questions": 40, "statement_time_s": 2.5}


async def test_failed_statements_are_those_of_the_performance_schema() -> None:
    keys = ("statement_time_s", "statement_errors")
    reading = await MysqlStatusSource(Answers(_MARIADB, [(40, 7, 0)]), keys=keys).read()
    assert reading.values == {"statement_time_s": 1.25, "statement_errors": 0}
    # One that is switched off has counted nothing, and is not asked again.
    database = Answers(_MARIADB, [(None, None, None)], _MARIADB)
    source = MysqlStatusSource(database, keys=keys)
    assert [(await source.read()).values for _ in range(2)] == [{"statement_time_s": 1.25}] * 2
    assert len(database.asked) == 3
    # Where the time is known, that the account may not read it is no remark.
    refused = await MysqlStatusSource(Answers(_MARIADB, SqlError("denied", code=1142)), keys=keys).read()
    assert (refused.values, refused.notes) == ({"statement_time_s": 1.25}, ())


async def test_a_refused_time_of_statements_costs_no_other_figure_and_is_said() -> None:
    database = Answers(_MYSQL, SqlError("SELECT command denied", code=1142), _MYSQL)
    source = MysqlStatusSource(database, keys=_KEYS)
    first, second = await source.read(), await source.read()
    assert first.values == second.values == {"Com_commit": 7, "transactions": 7, "Questions": 40}
    assert "denied" in second.notes[0]
    assert "userstat" in second.notes[0]


async def test_a_server_that_answers_nothing_is_not_read_as_zeros() -> None:
    with pytest.raises(DataError, match="n1: global status: no rows"):
        await MysqlStatusSource(Answers([], []), keys=_KEYS).read()


def test_a_cluster_of_mysql_has_throughput_and_latency_of_its_own() -> None:
    names = metrics_of(("host", "mysql_status")).names
    assert {"mysql_status.transactions", "mysql_status.transaction_latency", "connection.sql"} <= set(names)
    assert not any(name.startswith("sysstat.") for name in names)


_VALUE = st.one_of(st.none(), st.text(max_size=5), st.integers(), st.floats(), st.decimals(), st.binary(max_size=4))


@given(st.lists(st.lists(_VALUE, max_size=4).map(tuple), max_size=4))
def test_no_rows_bring_anything_but_figures_or_an_error_in_words(rows: list[Row]) -> None:
    try:
        clock_s, values = mysql_status.parse(rows, where="n1")
    except DataError:
        return
    assert all(abs(value) < float("inf") for value in (clock_s, *values.values()))
