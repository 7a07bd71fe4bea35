"""Programs of this machine: run to their end or started, and waiting for what the kernel does not announce."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.errors import CommandFailedError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from pathlib import Path

T = TypeVar("T")

_POLL_S = 0.05


async def run(*argv: str, stdin: str = "", timeout_s: float = 30.0) -> str:
    """The standard output of a program.

    Raises:
        CommandFailedError: it cannot be started, or ended with an error.
        TimedOutError: it was still running after `timeout_s`, and was killed.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise CommandFailedError(f"cannot be started: {error.strerror}", where=argv[0]) from error
    try:
        async with asyncio.timeout(timeout_s):
            output, complaint = await process.communicate(stdin.encode())
    except TimeoutError:
        raise TimedOutError(f"still running after {timeout_s:g} s", where=" ".join(argv)[:120]) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = complaint.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise CommandFailedError(f"exit status {process.returncode}: {said[-1]}", where=" ".join(argv)[:120])
    return output.decode(errors="replace")


async def detach(*argv: str, log: Path, env: Mapping[str, str] | None = None, through: tuple[str, ...] = ()) -> None:
    """Start a program that goes on without us, in a session of its own; what it says goes to the end of `log`.

    Args:
        through: a program that becomes the rest of its arguments, once it has prepared what the program inherits.
    """
    # Not a child of ours for long: what asyncio starts, it kills when it is done.
    with await asyncio.to_thread(log.open, "ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(*through, "setsid", "--fork", *argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
        )
    if await process.wait() != 0:
        raise CommandFailedError(f"cannot be started: {last_line(log)}", where=argv[0])


def last_line(log: Path) -> str:
    """The last line of a log."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it said nothing"


async def until(condition: Callable[[], Awaitable[bool]], *, timeout_s: float, failure: str, where: str) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimedOutError: it did not within `timeout_s`; says `failure`.
    """
    try:
        async with asyncio.timeout(timeout_s):
            # The kernel tells nobody when a process, a mount or a device is gone: one has to look.
            while not await condition():  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise TimedOutError(f"{failure} within {timeout_s:g} s", where=where) from None


async def together(*acts: Coroutine[None, None, T]) -> list[T]:
    """Do all of them at once; when one fails the others are called off, and its error is the one that is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(act) for act in acts]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
