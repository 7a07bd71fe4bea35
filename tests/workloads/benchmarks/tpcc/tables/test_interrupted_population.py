"""Populations that are cancelled or killed, and schemas of other programs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpcc.tables import chunks
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc
from tests.workloads.benchmarks.tpcc.warehouses import PERCENT, Warehouses, expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.workloads.engine import Engine

_LIMIT_S = 60.0
# Loads one warehouse, and says so with every number of rows that it hears of.
_LOAD = """
import asyncio, sys
from tests.workloads.engine import Engine
from tests.workloads.benchmarks.tpcc.warehouses import Warehouses
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc
engine = Engine.__new__(Engine)
engine.port = int(sys.argv[1])
loading = Warehouses(engine)
asyncio.run(Tpcc().prepare(loading.target("n1"), loading.request, lambda done, total: print(done, flush=True)))
"""


@pytest.fixture
def empty(engine: Engine) -> Iterator[Warehouses]:
    warehouses = Warehouses(engine)
    warehouses.drop()
    yield warehouses
    warehouses.drop()


async def test_an_interrupted_population_resumes_with_the_missing_chunks(empty: Warehouses) -> None:
    assert await Tpcc().missing(empty.target("n1"), empty.request) == "the tables of TPC-C are not there"
    async with asyncio.timeout(_LIMIT_S):
        await _cancelled(empty)
        assert "parts of the tables are not loaded" in await Tpcc().missing(empty.target("n1"), empty.request)
        with pytest.raises(DataError, match=r"n1: .* not loaded; prepare the workload first"):
            await Tpcc().validate(empty.target("n1"), empty.request)
        await _killed(empty)
        assert "parts of the tables are not loaded" in await Tpcc().missing(empty.target("n1"), empty.request)
        heard: list[int] = []
        await Tpcc().prepare(empty.target("n1"), empty.request, lambda done, _total: heard.append(done))
        findings = await Tpcc().validate(empty.target("n1"), empty.request)
    assert heard[0] > 0
    assert heard[-1] == sum(chunk.rows for chunk in chunks.of_warehouses([1], Scale(PERCENT)))
    assert empty.counts() == expected(1)
    assert all(finding.holds for finding in findings)


async def _cancelled(empty: Warehouses) -> None:
    """Load until there is something."""
    enough = asyncio.Event()

    def hear(done: int, _total: int) -> None:
        if done > 1_500:
            enough.set()

    loading = asyncio.create_task(Tpcc().prepare(empty.target("n1"), empty.request, hear))
    await enough.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading


async def _killed(empty: Warehouses) -> None:
    """Load in another process until there is more."""
    command = (sys.executable, "-c", _LOAD, str(empty.engine.port))
    loading = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert loading.stdout is not None
    while int(await loading.stdout.readline()) < 3_000:
        pass
    os.kill(loading.pid, signal.SIGKILL)
    await loading.communicate()


async def test_tables_of_another_program_are_neither_filled_nor_dropped(empty: Warehouses) -> None:
    empty.engine.execute("CREATE DATABASE tpcc")
    empty.engine.execute("CREATE TABLE tpcc.customer (c_id INT PRIMARY KEY)")
    try:
        with pytest.raises(DataError, match="n1: the database tpcc has tables of another program: customer"):
            await Tpcc().prepare(empty.target("n1"), empty.request, lambda _done, _total: None)
        await Tpcc().cleanup(empty.target("n1"), empty.request)
        assert empty.rows("SHOW TABLES") == (("customer",),)
    finally:
        empty.engine.execute("DROP DATABASE tpcc")


async def test_an_interrupted_cleanup_has_to_be_finished_before_preparing_and_keeps_other_tables(
    empty: Warehouses,
) -> None:
    await Tpcc().prepare(empty.target("n1"), empty.request, lambda _done, _total: None)
    empty.engine.execute("CREATE TABLE tpcc.ours (id INT PRIMARY KEY)")
    empty.engine.execute("DELETE FROM tpcc.distdiag_loaded")
    empty.engine.execute("DROP TABLE tpcc.customer")
    with pytest.raises(DataError, match="no note that they were loaded; clean up and prepare again"):
        await Tpcc().prepare(empty.target("n1"), empty.request, lambda _done, _total: None)
    await Tpcc().cleanup(empty.target("n1"), empty.request)
    assert empty.rows("SHOW TABLES") == (("ours",),)
    empty.engine.execute("DROP TABLE tpcc.ours")
    await Tpcc().cleanup(empty.target("n1"), empty.request)
    assert ("tpcc",) not in empty.engine.execute("SHOW DATABASES")
    # Once more finds nothing to do.
    await Tpcc().cleanup(empty.target("n1"), empty.request)
