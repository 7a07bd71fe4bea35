"""Programs of this machine, run to their end or in the background, and waits for conditions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from distdiag_core.cluster import lines
from distdiag_core.errors import CommandFailedError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from pathlib import Path

T = TypeVar("T")

_POLL_S = 0.05


async def run(*argv: str, stdin: str = "", timeout_s: float = 30.0) -> str:
    """The standard output of a program.

    Raises:
        CommandFailedError: the program cannot be started, or has failed.
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
            output, error_output = await process.communicate(stdin.encode())
    except TimeoutError:
        raise TimedOutError(f"still running after {timeout_s:g} s", where=" ".join(argv)[:120]) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = lines.last_line(error_output.decode(errors="replace")) or "it said nothing"
        raise CommandFailedError(f"exit status {process.returncode}: {said}", where=" ".join(argv)[:120])
    return output.decode(errors="replace")


async def detach(*argv: str, log: Path, env: Mapping[str, str] | None = None, through: tuple[str, ...] = ()) -> None:
    """Start a program in a new session, which outlives this one; its output is appended to `log`.

    Args:
        through: prefix of the command, a program that prepares what `argv` inherits and then becomes it.
    """
    # asyncio kills its children at the end, so the program is a child of `setsid`.
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
        said = lines.last_line(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        said = ""
    return said or "it said nothing"


async def until(condition: Callable[[], Awaitable[bool]], *, timeout_s: float, failure: str, where: str) -> None:
    """Wait until `condition` holds.

    Raises:
        TimedOutError: it does not within `timeout_s`; the message begins with `failure`.
    """
    try:
        async with asyncio.timeout(timeout_s):
            # The kernel does not announce the end of a process, a mount or a device, so it is polled.
            while not await condition():  # noqa: ASYNC110 - the kernel announces none of it
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise TimedOutError(f"{failure} within {timeout_s:g} s", where=where) from None


async def together(*operations: Coroutine[None, None, T]) -> list[T]:
    """The results of concurrent operations; the first error cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(operation) for operation in operations]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
