"""Programs on this machine end with whoever started them."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import TimedOutError, UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import RemoteProcess


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


async def write_until_refused(program: RemoteProcess) -> None:
    async with asyncio.timeout(10):
        while True:
            await program.write_line("x" * 4096)


async def test_command_runs_with_input_and_status() -> None:
    done = await LocalShell("n1").run("cat; echo trouble >&2; exit 3", stdin="größer\n")
    assert (done.node, done.status, done.stdout, done.stderr) == ("n1", 3, "größer\n", "trouble\n")


async def test_command_that_ignores_its_input_and_ends_is_fine() -> None:
    assert (await LocalShell("n1").run("exit 0", stdin="x" * 1_000_000)).status == 0


async def test_command_that_takes_too_long_is_ended_with_its_children() -> None:
    shell = LocalShell("n1")
    with pytest.raises(TimedOutError, match=r"n1: sleep .*no end within 0.2 s"):
        await shell.run("sleep 60 & sleep 60", timeout_s=0.2)


async def test_process_answers_and_ends_with_the_context() -> None:
    async with LocalShell("n1").process(
        "echo $$; trap '' TERM; while read x; do echo got $x; echo end; done"
    ) as program:
        group = int(await program.read_line() or 0)
        for number in ("1", "2"):
            await program.write_line(number)
            assert await program.read_until("end") == f"got {number}\n"
    assert not alive(group)


async def test_process_that_ended_says_so() -> None:
    async with LocalShell("n1").process("exec true") as program:
        assert await program.read_line() is None
        with pytest.raises(UnreachableError, match="ended in the middle"):
            await program.read_until("end")
        with pytest.raises(UnreachableError, match="has ended"):
            await write_until_refused(program)
