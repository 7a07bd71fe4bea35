"""Programs of this machine that fail, hang or are missing."""

from __future__ import annotations

import asyncio

import pytest

from distdiag_core.errors import CommandFailedError, TimedOutError
from distdiag_core.lab.programs import run, together, until


async def test_a_program_gets_its_input_and_its_output_is_returned() -> None:
    assert await run("cat", stdin="täxt") == "täxt"


async def test_a_failed_program_is_reported_with_its_last_error_line() -> None:
    with pytest.raises(CommandFailedError, match="exit status 3: because"):
        await run("sh", "-c", "echo first >&2; echo because >&2; exit 3")


async def test_a_missing_program_is_reported() -> None:
    with pytest.raises(CommandFailedError, match="no-such-program: cannot be started: No such file"):
        await run("no-such-program")


async def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(TimedOutError, match=r"still running after 0\.2 s"):
        await run("sleep", "60", timeout_s=0.2)


async def test_a_wait_ends_with_its_condition_or_its_timeout() -> None:
    looks = iter((False, False, True))

    async def look() -> bool:
        return next(looks)

    async def never() -> bool:
        return False

    await until(look, timeout_s=10, failure="no", where="here")
    with pytest.raises(TimedOutError, match=r"here: no miracle within 0\.1 s"):
        await until(never, timeout_s=0.1, failure="no miracle", where="here")


async def test_the_first_error_cancels_the_other_operations_and_is_raised() -> None:
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
