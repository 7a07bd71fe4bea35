"""The lock of the lab: one holder at a time, and a dead one does not count."""

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


async def test_a_second_holder_waits_for_the_end_of_the_first_even_by_a_kill(lab_dir: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLD, str(lab_dir)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"held\n"
    reported: list[LabProgress] = []

    def kill_at_first_report(progress: LabProgress) -> None:
        reported.append(progress)
        program.kill()

    async with asyncio.timeout(10), locked(lab_dir, kill_at_first_report):
        assert len(reported) == 1
    await program.wait()


async def test_the_holder_of_the_lock_may_remove_the_directory(lab_dir: Path) -> None:
    async with locked(lab_dir, _fail):
        shutil.rmtree(lab_dir)
    async with locked(lab_dir, _fail):
        assert _entries(lab_dir) == []


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _fail(progress: LabProgress) -> None:
    raise AssertionError(progress)
