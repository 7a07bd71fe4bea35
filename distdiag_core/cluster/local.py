"""The shell of a node that is this machine."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from distdiag_core.cluster.command_output import read_output
from distdiag_core.cluster.lines import LineReader
from distdiag_core.cluster.shell import CommandResult, first_words
from distdiag_core.errors import TimedOutError, UnreachableError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator

_GRACE_S = 1.0
_CHUNK_BYTES = 65536


class LocalShell:
    """A shell on this machine; it has no connection that could break."""

    def __init__(self, node: str) -> None:
        self.node = node

    notes: tuple[str, ...] = ()

    async def open(self) -> None:
        """Do nothing: there is no connection."""

    async def lost(self) -> str:
        """Wait for ever: there is no connection that could break."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this wait")

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command` to its end."""
        where = f"{self.node}: {first_words(command)}"
        try:
            async with asyncio.timeout(timeout_s), _started(command, where, stderr=PIPE) as program:
                out, err = await _talk(program, stdin, where)
                status = await program.wait()
        except TimeoutError:
            raise TimedOutError(f"no end within {timeout_s:g} s", where=where) from None
        return CommandResult(self.node, command, status, out, err)

    @asynccontextmanager
    async def process(self, command: str) -> AsyncGenerator[LocalProcess]:
        """Run `command` for as long as the context lasts, then end it and its children."""
        where = f"{self.node}: {first_words(command)}"
        async with _started(command, where, stderr=DEVNULL) as program:
            yield LocalProcess(program, where)


class LocalProcess:
    """A program on this machine, with a line protocol on its standard input and output."""

    def __init__(self, program: Process, where: str) -> None:
        if program.stdin is None or program.stdout is None:
            raise AssertionError("started without pipes")
        self._stdin = program.stdin
        self._where = where
        self._lines = LineReader(program.stdout.read, where)

    async def write_line(self, line: str) -> None:
        """Send one line to its standard input."""
        try:
            self._stdin.write(f"{line}\n".encode())
            await self._stdin.drain()
        except OSError as error:
            raise UnreachableError("the program has ended", where=self._where) from error

    async def read_until(self, end: str) -> str:
        """What it prints up to the line that equals `end`."""
        return await self._lines.until(end)

    async def read_line(self) -> str | None:
        """The next line that it prints."""
        return await self._lines.line()


async def _talk(program: Process, stdin: str, where: str) -> tuple[str, str]:
    """Give a program its whole input, and read what it prints meanwhile."""
    if program.stdout is None or program.stderr is None:
        raise AssertionError("started without pipes")
    feeding = asyncio.create_task(_feed(program, stdin.encode()))
    try:
        return await read_output(program.stdout.read, program.stderr.read, where)
    finally:
        feeding.cancel()
        await asyncio.wait((feeding,))


async def _feed(program: Process, data: bytes) -> None:
    if program.stdin is None:
        raise AssertionError("started without pipes")
    # One that ends before it has read its input is no failure: its status says what became of it.
    with suppress(OSError):
        program.stdin.write(data)
        await program.stdin.drain()
    program.stdin.close()


@asynccontextmanager
async def _started(command: str, where: str, *, stderr: int) -> AsyncGenerator[Process]:
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, stdin=PIPE, stdout=PIPE, stderr=stderr, start_new_session=True
        )
    )
    try:
        program = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled itself, asyncio would kill the shell, and leave behind what that has begun already.
        with suppress(OSError):
            await _end(await starting)
        raise
    except OSError as error:
        raise UnreachableError(f"cannot be started: {error.strerror or error}", where=where) from error
    try:
        yield program
    finally:
        await _end(program)


async def _end(program: Process) -> None:
    if program.stdin is not None:
        program.stdin.close()
    # Decided once: the shell may be gone after the first signal, while its command ignores it and holds the pipes.
    running = program.returncode is None
    for number in (signal.SIGTERM, signal.SIGKILL):
        if running:
            _signal_group(program, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await _ended(program)
                return
    await program.wait()


async def _ended(program: Process) -> None:
    """Wait for the end of a program and of its pipes, which asyncio closes at their ends, and finds only by reading."""
    for stream in filter(None, (program.stdout, program.stderr)):
        while await stream.read(_CHUNK_BYTES):
            pass
    await program.wait()


def _signal_group(program: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(program.pid, number)
