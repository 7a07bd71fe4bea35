"""Programs on this machine end with whoever started them."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import DataError, TimedOutError, UnreachableError
from tests.waiting import eventually, until

if TYPE_CHECKING:
    from distdiag_core.cluster.shell import RemoteProcess


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def runs(group: int) -> bool:
    """Whether a program of the group runs; one that has ended and is not reaped does not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of_group = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                return True
    return False


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


async def test_command_that_ignores_its_ending_is_killed_though_its_shell_has_gone(tmp_path: Path) -> None:
    command = f"echo $$ >{tmp_path}/group; (trap '' TERM; echo on >{tmp_path}/on; while :; do sleep 60; done); true"
    running = asyncio.create_task(LocalShell("n1").run(command, timeout_s=60))
    await until((tmp_path / "on").exists, "the command")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    group = int((tmp_path / "group").read_text(encoding="ascii"))
    # The kernel ends a process some time after it was told to.
    await until(lambda: not runs(group), "its end")


async def test_command_that_is_given_up_while_it_is_being_started_leaves_nothing_behind(tmp_path: Path) -> None:
    command = f"(trap '' TERM; echo $$ >{tmp_path}/group; while :; do sleep 60; done); true"
    running = asyncio.create_task(LocalShell("n1").run(command, timeout_s=60))
    while not psutil.Process().children():  # noqa: ASYNC110 - one step of the event loop after the other
        await asyncio.sleep(0)
    # The event loop stands still meanwhile, as on a busy machine: it does not know yet that the command runs.
    eventually(
        lambda: (tmp_path / "group").exists() and (tmp_path / "group").read_text(encoding="ascii"), "the command"
    )
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    group = int((tmp_path / "group").read_text(encoding="ascii"))
    await until(lambda: not runs(group), "its end")


@pytest.mark.parametrize(
    ("redirection", "said"), [("", "16 MiB on standard output"), (">&2", "1 MiB on standard error")]
)
async def test_command_that_prints_a_gigabyte_is_ended(redirection: str, said: str, tmp_path: Path) -> None:
    before_kib = getrusage(RUSAGE_SELF).ru_maxrss
    command = f"echo $$ >{tmp_path}/group; exec head -c 1000000000 /dev/zero {redirection}"
    with pytest.raises(DataError, match=rf"^n1: echo .*more than {said}"):
        await LocalShell("n1").run(command, timeout_s=60)
    assert getrusage(RUSAGE_SELF).ru_maxrss - before_kib < 100_000
    assert not alive(int((tmp_path / "group").read_text(encoding="ascii")))


async def test_command_that_answers_before_it_has_read_its_input_is_waited_for() -> None:
    done = await LocalShell("n1").run("head -c 5000000 /dev/zero; cat", stdin="x" * 5_000_000)
    assert len(done.stdout) == 10_000_000


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
