"""Data files of the real generator, complete or absent."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import CommandFailedError, ConfigError, UnsupportedError
from distdiag_core.workloads.benchmarks.tpch import generated_data
from tests.waiting import until
from tests.workloads.benchmarks.tpch.conftest import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData


@pytest.fixture
def cache(tpch_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of a scale factor are put in this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "distdiag" / "tpch"


def _copied(data: GeneratedData, cache: Path) -> None:
    shutil.copytree(data.directory, cache / data.directory.name)


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*"))


def test_the_generated_tables_have_the_cardinalities_of_clause_4_2_5(data: GeneratedData) -> None:
    rows = dict(data.rows)
    # Of lineitem the specification gives an estimate.
    assert rows.pop("lineitem") == pytest.approx(60_012, rel=0.02)
    assert rows == {
        "region": 5, "nation": 25, "supplier": 100, "part": 2_000, "partsupp": 8_000, "customer": 1_500,
        "orders": 15_000,
    }  # fmt: skip
    assert {line.count("|") for line in data.file("lineitem").read_text(encoding="ascii").splitlines()} == {16}


async def test_cached_data_is_not_generated_again(
    data: GeneratedData, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _copied(data, cache)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")

    assert (await generated_data.provide(SCALE)).rows == data.rows


@pytest.mark.parametrize("damage", ["truncated", "contents half written"])
async def test_damaged_data_is_generated_again(data: GeneratedData, cache: Path, damage: str) -> None:
    _copied(data, cache)
    orders = cache / "sf0.01" / "orders.tbl"
    if damage == "truncated":
        os.truncate(orders, 100_000)
    else:
        (cache / "sf0.01" / "contents.json").write_text('{"region": {"rows', encoding="ascii")

    made = await generated_data.provide(SCALE)

    assert made.rows == data.rows
    assert orders.read_bytes() == data.file("orders").read_bytes()


async def test_concurrent_requests_generate_once(data: GeneratedData, cache: Path) -> None:
    (cache / "sf0.01.new").mkdir(parents=True)  # left by one that was killed
    first, second = await asyncio.gather(generated_data.provide(SCALE), generated_data.provide(SCALE))

    assert first == second
    assert first.rows == data.rows
    assert not (cache / "sf0.01.new").exists()


async def test_an_interrupted_generation_leaves_no_files(cache: Path) -> None:
    making = asyncio.create_task(generated_data.provide(Decimal(1)))
    await until(lambda: _names(cache / "sf1.new"))
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert _names(cache) == ["sf1.lock"]


async def test_without_a_generator_it_says_what_to_install(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match=r"tpchgen-cli.* is not installed here; pip install distdiag\[tpch\]"):
        await generated_data.provide(SCALE)


async def test_an_unwritable_cache_is_an_error(
    tpch_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(UnsupportedError, match="the data cannot be kept"):
        await generated_data.provide(SCALE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("NOT TESTED: a small file system cannot be mounted here (root)")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_too_little_space_is_told_before_anything_is_written(
    tpch_cache: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(small_disk))

    with pytest.raises(UnsupportedError, match=r"scale factor 0.01 wants 0.11 GB, and 0.004.* are free; make room"):
        await generated_data.provide(SCALE)
    assert _names(small_disk / "distdiag" / "tpch") == ["sf0.01.lock"]


async def test_a_full_disk_is_an_error_of_the_generator(tpch_cache: Path, small_disk: Path) -> None:
    with pytest.raises(CommandFailedError, match="No space left on device"):
        await generated_data.generate(small_disk, SCALE)
