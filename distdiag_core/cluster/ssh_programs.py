"""Programs that run over an SSH connection: however they are left, they end, and so do their channels."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import asyncssh

from distdiag_core.cluster import login_line, login_shell
from distdiag_core.cluster import ssh_ending as ending
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

# During an anomaly a command can take a second, beside the second of grace.
_END_S = 4.0
# sshd allows ten sessions a connection (MaxSessions); those that end programs must never have to wait for these.
_RUNNING_AT_ONCE = 8
_ENDING_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Program:
    """One that runs, and the process group that it leads on the node."""

    connection: asyncssh.SSHClientConnection
    process: asyncssh.SSHClientProcess[bytes]
    group: int


class Programs:
    """Starts and ends the programs of one node.

    asyncssh never closes a channel whose opening is called off. So nothing is called off here: what takes too long is
    no longer waited for, goes on by itself, and is ended once it has begun.
    """

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_RUNNING_AT_ONCE)
        self._ending_places = asyncio.Semaphore(_ENDING_AT_ONCE)
        self._going_on: set[asyncio.Task[object]] = set()

    async def start(
        self, connection: asyncssh.SSHClientConnection, command: str, where: str, *, stderr: int
    ) -> Program:
        """Start `command`; who is cancelled meanwhile leaves nothing behind on the node.

        Raises:
            UnreachableError: it cannot be started.
        """
        await self._places.acquire()
        starting = self._go_on(self._start(connection, command, where, stderr))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._go_on(self._end_unwanted(starting))
            raise

    async def end(self, program: Program) -> None:
        """End `program` and its children; on a node that does not answer, only the first seconds are waited for."""
        await asyncio.wait({self._go_on(self._end(program))}, timeout=_END_S)

    async def settle(self) -> None:
        """Wait for what goes on; it ends when its connection does."""
        while self._going_on:
            await asyncio.wait(self._going_on)

    async def _start(self, connection: asyncssh.SSHClientConnection, command: str, where: str, stderr: int) -> Program:
        async with AsyncExitStack() as on_failure:
            on_failure.callback(self._places.release)
            try:
                process = await connection.create_process(login_line.LINE, encoding=None)
                on_failure.callback(process.close)
                group = await login_shell.announced(connection, process, where)
                if stderr != asyncssh.PIPE:
                    await process.redirect(stderr=stderr)
                # One that ends before it has read its input is no failure: its status says what became of it.
                with suppress(BrokenPipeError):
                    process.stdin.write(login_line.script_line(command))
            except (OSError, asyncssh.Error) as error:
                raise UnreachableError(f"it cannot be started: {error}", where=where) from error
            except AssertionError as error:
                # asyncssh asserts that a channel still has its connection, which may break while the channel opens.
                raise UnreachableError("the connection broke", where=where) from error
            on_failure.pop_all()
        return Program(connection, process, group)

    async def _end(self, program: Program) -> None:
        try:
            async with self._ending_places:
                await ending.end(program.connection, program.process, program.group)
        finally:
            self._places.release()

    async def _end_unwanted(self, starting: asyncio.Task[Program]) -> None:
        with suppress(UnreachableError):
            await self._end(await starting)

    def _go_on(self, act: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(act)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
        return task
