"""Generated data files of a scale factor: made once by tpchgen-cli, cached, and complete or absent."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.cluster.lines import last_line
from distdiag_core.errors import CommandFailedError, ConfigError, DataError, UnsupportedError
from distdiag_core.settings import json_document
from distdiag_core.workloads.benchmarks.tpch.tpch_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from decimal import Decimal

GENERATOR = "tpchgen-cli"
# Size of the files at scale factor 1, and the space that must remain free.
_BYTES = 1_100_000_000
_SPARE_BYTES = 100_000_000
_CONTENTS = "contents.json"
_BLOCK_BYTES = 1 << 20
_LOCK_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class GeneratedData:
    """Data files of one scale factor, one per table, with a line per row whose fields end with `|`.

    Attributes:
        rows: number of rows by table.
    """

    directory: Path
    scale: Decimal
    rows: Mapping[str, int]

    def file(self, table: str) -> Path:
        """Path of the file of `table`."""
        return _file(self.directory, table)


def generator() -> str:
    """Path of the generator.

    Raises:
        ConfigError: it is not installed on this machine.
    """
    beside = Path(sys.executable).with_name(GENERATOR)
    found = str(beside) if beside.is_file() else shutil.which(GENERATOR)
    if found is None:
        raise ConfigError(
            f"{GENERATOR}, which makes the data, is not installed here", hint="pip install distdiag[tpch]"
        )
    return found


async def provide(scale: Decimal) -> GeneratedData:
    """The data of scale factor `scale`, generated unless it is cached completely.

    Raises:
        CommandFailedError: the generator failed.
        ConfigError: the generator is not installed.
        UnsupportedError: too little disk space.
    """
    directory = places.cache_dir() / "tpch" / f"sf{scale.normalize():f}"
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        async with _locked_directory(directory):
            found = await asyncio.to_thread(_find, directory, scale)
            return found or await _make(directory, scale)
    except OSError as error:
        raise UnsupportedError(f"the data cannot be kept: {error.strerror}", where=str(directory)) from error


@asynccontextmanager
async def _locked_directory(directory: Path) -> AsyncIterator[None]:
    """Lock out other processes and tasks that generate the same data."""
    with directory.with_name(f"{directory.name}.lock").open("wb") as lock:
        while not _try_lock(lock.fileno()):  # noqa: ASYNC110 - flock gives no notice of an unlock
            await asyncio.sleep(_LOCK_WAIT_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _TableEntry:
    rows: json_document.Count
    bytes: json_document.Count


def _find(directory: Path, scale: Decimal) -> GeneratedData | None:
    """The cached data; None where a file is missing or has another size than recorded."""
    path = directory / _CONTENTS
    try:
        contents = json_document.parse(path.read_bytes(), dict[str, _TableEntry], where=str(path))
        rows = {table.name: contents[table.name].rows for table in TABLES}
        whole = all(_file(directory, table.name).stat().st_size == contents[table.name].bytes for table in TABLES)
    except (FileNotFoundError, DataError, KeyError):
        return None
    return GeneratedData(directory, scale, rows) if whole else None


async def _make(directory: Path, scale: Decimal) -> GeneratedData:
    unfinished = directory.with_name(f"{directory.name}.new")
    await asyncio.to_thread(_clear, unfinished, directory)
    _check_space(directory.parent, scale)
    try:
        await generate(unfinished, scale)
        rows = await asyncio.to_thread(_describe, unfinished)
        unfinished.rename(directory)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
        raise
    return GeneratedData(directory, scale, rows)


def _clear(*directories: Path) -> None:
    for directory in directories:
        if directory.exists():
            shutil.rmtree(directory)


def _check_space(parent: Path, scale: Decimal) -> None:
    wanted_bytes = int(_BYTES * scale) + _SPARE_BYTES
    free_bytes = shutil.disk_usage(parent).free
    if free_bytes < wanted_bytes:
        raise UnsupportedError(
            f"the data of scale factor {scale} wants {wanted_bytes / 1e9:.2g} GB, and {free_bytes / 1e9:.2g} are free",
            where=str(parent),
            hint="make room, choose a smaller scale factor, or let XDG_CACHE_HOME name another disk",
        )


async def generate(directory: Path, scale: Decimal) -> None:
    """Run the generator, which writes all tables into `directory`.

    Raises:
        CommandFailedError: it failed, for instance because the disk is full; its files are incomplete.
        ConfigError: it is not installed.
    """
    process = await asyncio.create_subprocess_exec(
        *(generator(), f"--scale-factor={scale:f}", f"--output-dir={directory}", "--quiet"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, stderr = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = last_line(stderr.decode("utf-8", errors="replace"))
        reason = said or f"it ended with status {process.returncode}"
        raise CommandFailedError(f"{GENERATOR}: {reason}", where=str(directory))


def _describe(directory: Path) -> dict[str, int]:
    """Record rows and bytes of each file; return the rows by table."""
    rows = {table.name: _lines(_file(directory, table.name)) for table in TABLES}
    contents = {name: {"rows": count, "bytes": _file(directory, name).stat().st_size} for name, count in rows.items()}
    with (directory / _CONTENTS).open("w", encoding="ascii") as file:
        json.dump(contents, file)
        file.flush()
        os.fsync(file.fileno())
    return rows


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK_BYTES), b""))


def _file(directory: Path, table: str) -> Path:
    return directory / f"{table}.tbl"
