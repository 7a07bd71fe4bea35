"""Loading of the data files into the tables, and resuming."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpch.table_loader import TableLoader, completed_scales
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import TABLES, scale_of
from tests.workloads.benchmarks.tpch.conftest import SCALE, silent, target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from tests.workloads.engine import Engine

_ROWS = 1_500
_SCHEMA = "tpch_sf0_02"


@pytest.fixture
def few(data: GeneratedData, tmp_path: Path) -> GeneratedData:
    """The first rows of each table, under the name of another scale factor."""
    for table in TABLES:
        with data.file(table.name).open(encoding="ascii") as file:
            (tmp_path / f"{table.name}.tbl").write_text("".join(islice(file, _ROWS)), encoding="ascii")
    return replace(
        data,
        directory=tmp_path,
        scale=Decimal("0.02"),
        rows={name: min(rows, _ROWS) for name, rows in data.rows.items()},
    )


@pytest.fixture
def empty(engine: Engine) -> Engine:
    engine.execute(f"DROP DATABASE IF EXISTS {_SCHEMA}")
    return engine


@asynccontextmanager
async def _loading(engine: Engine, scale: Decimal) -> AsyncIterator[TableLoader]:
    async with target(engine).database() as database:
        yield TableLoader(database, scale)


async def _completed(engine: Engine) -> tuple[Decimal, ...]:
    async with target(engine).database() as database:
        return await completed_scales(database)


def _count(engine: Engine, table: str) -> object:
    return engine.execute(f"SELECT COUNT(*) FROM {_SCHEMA}.{table}")[0][0]  # noqa: S608


@pytest.mark.parametrize(
    ("database", "scale"),
    [
        ("tpch_sf0_1", "0.1"),
        ("tpch_sf100", "100"),
        ("tpch_sf1e2", None),
        ("tpch_sf0", None),
        ("0_1", None),
        ("x", None),
    ],
)
def test_a_scale_factor_is_read_from_the_name_of_its_schema(database: str, scale: str | None) -> None:
    assert scale_of(database) == (Decimal(scale) if scale else None)


async def test_all_rows_are_loaded(loaded: Engine, data: GeneratedData) -> None:
    async with _loading(loaded, SCALE) as loading:
        assert await loading.missing() == ""
        assert await loading.rows() == sum(data.rows.values())
    answer = loaded.execute("SELECT l_comment, l_shipdate, l_tax FROM tpch_sf0_01.lineitem WHERE l_orderkey = 1")
    assert len(answer) == 6
    assert str(answer[0][1]) == "1996-03-13"


async def test_an_interrupted_load_resumes(empty: Engine, few: GeneratedData) -> None:
    begun = asyncio.Event()

    def watch(done: int, total: int) -> None:
        if done > total // 2:
            begun.set()

    async with _loading(empty, few.scale) as loading:
        filling = asyncio.create_task(loading.fill(few, watch))
        await begun.wait()
        filling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await filling

    async with _loading(empty, few.scale) as loading:
        assert "is not complete" in await loading.missing()
        assert few.scale not in await _completed(empty)
        told: list[tuple[int, int]] = []
        await loading.fill(few, lambda done, total: told.append((done, total)))
        assert await loading.missing() == ""
    assert few.scale in await _completed(empty)
    total = sum(few.rows.values())
    assert told == sorted(told)
    assert told[0][0] > total // 2
    assert told[-1] == (total, total)


async def test_deleted_rows_are_loaded_again(empty: Engine, few: GeneratedData) -> None:
    async with _loading(empty, few.scale) as loading:
        await loading.fill(few, silent)
        empty.execute(f"DELETE FROM {_SCHEMA}.orders WHERE o_orderkey < 100")  # noqa: S608
        lost = await loading.missing()
        await loading.fill(few, silent)

        assert lost.startswith(f"the table {_SCHEMA}.orders has 1,4")
        assert await loading.missing() == ""


async def test_surplus_rows_are_an_error(empty: Engine, few: GeneratedData) -> None:
    async with _loading(empty, few.scale) as loading:
        await loading.fill(few, silent)
        empty.execute(f"INSERT INTO {_SCHEMA}.region VALUES (5, 'ATLANTIS', '')")  # noqa: S608

        with pytest.raises(DataError, match=r"region: it has 6 rows, and its file 5; clean up, then prepare again"):
            await loading.fill(few, silent)


@pytest.mark.parametrize("damage", ["1|truncated in the mid", "1|too|few|\n", "1|\n"])
async def test_a_damaged_data_file_is_an_error_with_its_line(empty: Engine, few: GeneratedData, damage: str) -> None:
    with few.file("nation").open("a", encoding="ascii") as file:
        file.write(damage)
    damaged = replace(few, rows={**few.rows, "nation": 26})

    async with _loading(empty, few.scale) as loading:
        with pytest.raises(DataError, match=r"nation.tbl: line 26 has not 4 fields"):
            await loading.fill(damaged, silent)
    assert _count(empty, "nation") == 0


async def test_cleanup_drops_its_tables_and_nothing_else(empty: Engine, few: GeneratedData) -> None:
    async with _loading(empty, few.scale) as loading:
        await loading.fill(few, silent)
        empty.execute(f"CREATE TABLE {_SCHEMA}.mine (id INTEGER)")
        await loading.drop()
        assert empty.execute(f"SHOW TABLES FROM {_SCHEMA}") == (("mine",),)

        empty.execute(f"DROP TABLE {_SCHEMA}.mine")
        await loading.drop()
        assert (_SCHEMA,) not in empty.execute("SHOW DATABASES")
        assert await loading.missing() == f"the tables of {_SCHEMA} are not there"


async def test_tables_of_another_program_are_neither_filled_nor_dropped(empty: Engine, few: GeneratedData) -> None:
    empty.execute(f"CREATE DATABASE {_SCHEMA}")
    empty.execute(f"CREATE TABLE {_SCHEMA}.orders (id INTEGER)")
    async with _loading(empty, few.scale) as loading:
        with pytest.raises(DataError, match=f"n1: the database {_SCHEMA} has tables of another program: orders"):
            await loading.fill(few, silent)
        await loading.drop()
    assert empty.execute(f"SHOW TABLES FROM {_SCHEMA}") == (("orders",),)
    empty.execute(f"DROP DATABASE {_SCHEMA}")


async def test_two_nodes_of_one_cluster_fill_the_same_tables(empty: Engine, few: GeneratedData) -> None:
    async with _loading(empty, few.scale) as first, _loading(empty, few.scale) as second:
        await asyncio.gather(first.fill(few, silent), second.fill(few, silent))
        assert await first.missing() == ""
