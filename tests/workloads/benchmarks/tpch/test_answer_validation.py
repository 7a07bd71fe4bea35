"""Validation of the answers of a real engine against DuckDB."""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmarks.tpch import query_parameters, reference_answers
from distdiag_core.workloads.benchmarks.tpch.answer_validation import validated
from tests.workloads.benchmarks.tpch.conftest import SCALE, target

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from tests.workloads.engine import Engine

_TIMEOUT_S = 60.0


def _drawn(seed: int) -> dict[int, query_parameters.Parameters]:
    return query_parameters.draw_all(Random(seed), SCALE)  # noqa: S311 - a benchmark must be repeatable


@pytest.mark.parametrize("seed", [None, 1])
async def test_all_answers_agree_with_duckdb(loaded: Engine, data: GeneratedData, seed: int | None) -> None:
    given = query_parameters.of_validation(SCALE) if seed is None else _drawn(seed)

    async with target(loaded).database() as database:
        findings = await validated(database, data, given, timeout_s=_TIMEOUT_S)

    assert len(findings) == 22
    assert [finding for finding in findings if not finding.holds] == []


async def test_the_parameters_of_validation_find_rows(data: GeneratedData) -> None:
    answers = await reference_answers.answers(data, query_parameters.of_validation(SCALE))

    rows = {query: len(answer) for query, answer in answers.items()}
    assert min(rows.values()) >= 1
    assert (rows[1], rows[3], rows[4], rows[10], rows[12], rows[22]) == (4, 10, 5, 20, 2, 7)


async def test_a_wrong_answer_is_a_finding_with_the_difference(loaded: Engine, data: GeneratedData) -> None:
    given = {query: query_parameters.of_validation(SCALE)[query] for query in (4, 5)}
    # An order that the answer to query 4 counts.
    ((key, priority),) = loaded.execute(
        "SELECT o_orderkey, o_orderpriority FROM tpch_sf0_01.orders, tpch_sf0_01.lineitem WHERE l_orderkey = o_orderkey"
        " AND o_orderdate = '1993-07-05' AND l_commitdate < l_receiptdate ORDER BY o_orderkey LIMIT 1"
    )
    loaded.execute(f"UPDATE tpch_sf0_01.orders SET o_orderpriority = '0-NEVER' WHERE o_orderkey = {key}")  # noqa: S608
    try:
        async with target(loaded).database() as database:
            fourth, fifth = await validated(database, data, given, timeout_s=_TIMEOUT_S)
    finally:
        loaded.execute(
            f"UPDATE tpch_sf0_01.orders SET o_orderpriority = '{priority}' WHERE o_orderkey = {key}"  # noqa: S608
        )

    assert (fourth.what, fourth.holds) == ("query 4 answers as DuckDB does", False)
    assert fourth.detail == "6 rows instead of 5"
    assert fifth.holds


async def test_a_refused_query_is_a_finding_with_the_error(
    loaded: Engine, data: GeneratedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded.execute("DROP USER IF EXISTS reader")
    loaded.execute("CREATE USER reader IDENTIFIED BY 'secret'")
    loaded.execute("GRANT SELECT ON tpch_sf0_01.lineitem TO reader")
    monkeypatch.setenv("READER", "secret")
    given = {query: query_parameters.of_validation(SCALE)[query] for query in (6, 13)}

    async with target(loaded, "reader", "READER").database() as database:
        sixth, thirteenth = await validated(database, data, given, timeout_s=_TIMEOUT_S)

    assert sixth.holds
    assert not thirteenth.holds
    assert thirteenth.detail.startswith("refused: ")
    assert "1142" in thirteenth.detail


async def test_without_duckdb_it_says_what_to_install(data: GeneratedData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)

    with pytest.raises(ConfigError, match=r"DuckDB.* is not installed here; pip install distdiag\[tpch\]"):
        await reference_answers.answers(data, {})
