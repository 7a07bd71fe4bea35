"""One `distdiag lab` at a time, and none that died is waited for."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TYPE_CHECKING

from distdiag_core.lab.lock import locked

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.lab.status import LabProgress

_HOLD = """
import asyncio, pathlib, sys
from distdiag_core.lab.lock import locked
async def main():
    async with locked(pathlib.Path(sys.argv[1]), print):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


async def test_the_second_waits_until_the_first_is_gone_even_when_killed(lab_dir: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLD, str(lab_dir)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"held\n"
    told: list[LabProgress] = []

    def kill_once_told(progress: LabProgress) -> None:
        told.append(progress)
        program.kill()

    async with asyncio.timeout(10), locked(lab_dir, kill_once_told):
        assert len(told) == 1
    await program.wait()


async def test_whoever_holds_it_may_remove_the_directory(lab_dir: Path) -> None:
    async with locked(lab_dir, _fail):
        shutil.rmtree(lab_dir)
    async with locked(lab_dir, _fail):
        assert _entries(lab_dir) == []


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _fail(progress: LabProgress) -> None:
    raise AssertionError(progress)
