"""Data of scale factor 0.01, generated once and loaded once into the session-wide engine."""

from __future__ import annotations

import asyncio
import importlib.util
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import password
from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from distdiag_core.workloads.benchmarks.tpch import generated_data
from distdiag_core.workloads.benchmarks.tpch.table_loader import TableLoader

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData
    from tests.workloads.engine import Engine

SCALE = Decimal("0.01")


@pytest.fixture(scope="session")
def tpch_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        generated_data.generator()
    except ConfigError as error:
        pytest.skip(f"NOT TESTED: {error}")
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def data(tpch_cache: Path) -> GeneratedData:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tpch_cache))
        return asyncio.run(generated_data.provide(SCALE))


@pytest.fixture(autouse=True)
def _duckdb() -> None:
    if importlib.util.find_spec("duckdb") is None:
        pytest.skip("NOT TESTED: DuckDB is not installed (pip install 'distdiag[tpch]')")


@pytest.fixture(scope="session")
def loaded(engine: Engine, data: GeneratedData) -> Engine:
    """The engine, with the tables of `SCALE` filled."""

    async def load() -> None:
        async with target(engine).database() as database:
            await TableLoader(database, data.scale).fill(data, silent)

    asyncio.run(load())
    return engine


def silent(done: int, total: int) -> None:
    """Hear how far a preparation is, and say nothing."""
    assert 0 <= done <= total


def target(engine: Engine, user: str = "root", password_env: str | None = None) -> BenchmarkTarget:
    """One node of a cluster whose nodes are all `engine`."""
    cluster = engine.cluster("test", user, password_env)
    return BenchmarkTarget(cluster, password.of_nodes(cluster.nodes), "n1", ("n1",))
