"""Programs of this machine that fail, hang or are not there."""

from __future__ import annotations

import asyncio

import pytest

from distdiag_core.errors import CommandFailedError, TimedOutError
from distdiag_core.lab.programs import run, together, until


async def test_what_it_prints_and_what_it_is_told() -> None:
    assert await run("cat", stdin="täxt") == "täxt"


async def test_a_failure_carries_the_last_line_of_its_complaint() -> None:
    with pytest.raises(CommandFailedError, match="exit status 3: because"):
        await run("sh", "-c", "echo first >&2; echo because >&2; exit 3")


async def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CommandFailedError, match="no-such-program: cannot be started: No such file"):
        await run("no-such-program")


async def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(TimedOutError, match=r"still running after 0\.2 s"):
        await run("sleep", "60", timeout_s=0.2)


async def test_waiting_ends_when_the_condition_holds_or_the_time_is_over() -> None:
    looks = iter((False, False, True))

    async def look() -> bool:
        return next(looks)

    async def never() -> bool:
        return False

    await until(look, timeout_s=10, failure="no", where="here")
    with pytest.raises(TimedOutError, match=r"here: no miracle within 0\.1 s"):
        await until(never, timeout_s=0.1, failure="no miracle", where="here")


async def test_together_calls_the_others_off_and_raises_the_error_itself() -> None:
    called_off = asyncio.Event()

    async def fail() -> None:
        raise CommandFailedError("it broke")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            called_off.set()

    with pytest.raises(CommandFailedError, match="it broke"):
        await together(wait(), fail())
    assert called_off.is_set()
