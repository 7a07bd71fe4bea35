"""Programs on a node, over one SSH connection that all of them share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.cluster.command_output import read_output
from distdiag_core.cluster.lines import LineReader
from distdiag_core.cluster.link import Held
from distdiag_core.cluster.shell import CommandResult, first_words
from distdiag_core.cluster.ssh_connect import connect
from distdiag_core.cluster.ssh_programs import Programs
from distdiag_core.errors import TimedOutError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.ssh_connect import Reached


class SshShell:
    """The connection is made, and made anew, by whoever keeps the link; users find it, or why there is none."""

    def __init__(self, settings: NodeSettings) -> None:
        self.node = settings.name
        self._settings = settings
        self._held: Held[asyncssh.SSHClientConnection] = Held(f"{self.node}: ssh")
        self._reached: Reached | None = None
        self._programs = Programs()

    async def open(self) -> None:
        """Connect.

        Raises:
            UnreachableError: it failed; the reason is in plain words.
        """
        try:
            self._reached = await connect(self._settings)
        except Exception as error:
            self._held.drop(error)
            raise
        self._held.take(self._reached.connection)

    async def lost(self) -> str:
        """Wait until the connection breaks; why."""
        if self._reached is None:
            raise AssertionError("there is no connection to lose")
        reason = await self._reached.client.lost
        self._held.drop(reason)
        return reason

    def leave_alone(self, reason: str) -> None:
        """Refuse what is asked of it, for it is never connected."""
        self._held.drop(reason)

    async def close(self) -> None:
        """End the connection, and with it what runs over it."""
        self._held.drop("closed")
        if self._reached is not None:
            # A node that no longer answers need not be asked to agree.
            self._reached.connection.abort()
            await self._reached.connection.wait_closed()
            self._reached = None
        await self._programs.settle()

    @property
    def notes(self) -> tuple[str, ...]:
        """What of OpenSSH's files was passed over."""
        return self._reached.notes if self._reached is not None else ()

    @property
    def user(self) -> str:
        """Who we are on the node; until it was reached, as far as the cluster file says it."""
        if self._reached is not None:
            return str(self._reached.connection.get_extra_info("username"))
        return (self._settings.ssh and self._settings.ssh.user) or ""

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command` to its end; when it takes too long, or prints too much, it is ended."""
        where = f"{self.node}: {first_words(command)}"
        try:
            async with asyncio.timeout(timeout_s), self._started(command, where, stderr=asyncssh.PIPE) as program:
                with suppress(BrokenPipeError):
                    program.stdin.write(stdin.encode())
                    program.stdin.write_eof()
                out, err = await read_output(program.stdout.read, program.stderr.read, where)
                await program.wait_closed()
        except TimeoutError:
            raise TimedOutError(f"no end within {timeout_s:g} s", where=where) from None
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError("the connection broke", where=where) from error
        status = program.returncode
        if status is None:
            raise UnreachableError("the connection broke before the command ended", where=where)
        return CommandResult(self.node, command, status, out, err)

    @asynccontextmanager
    async def process(self, command: str) -> AsyncGenerator[SshProcess]:
        """Run `command` for as long as the context lasts, then end it."""
        where = f"{self.node}: {first_words(command)}"
        async with self._started(command, where, stderr=asyncssh.DEVNULL) as program:
            yield SshProcess(program, where)

    @asynccontextmanager
    async def _started(
        self, command: str, where: str, *, stderr: int
    ) -> AsyncGenerator[asyncssh.SSHClientProcess[bytes]]:
        program = await self._programs.start(await self._held.get(), command, where, stderr=stderr)
        try:
            yield program.process
        finally:
            await self._programs.end(program)


class SshProcess:
    """A program that runs on the node and is talked to line by line."""

    def __init__(self, program: asyncssh.SSHClientProcess[bytes], where: str) -> None:
        self._stdin = program.stdin
        self._stdout = program.stdout
        self._where = where
        self._lines = LineReader(self._read, where)

    async def write_line(self, line: str) -> None:
        """Send one line to its standard input."""
        try:
            self._stdin.write(f"{line}\n".encode())
            await self._stdin.drain()
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError("the program or the connection has ended", where=self._where) from error

    async def read_until(self, end: str) -> str:
        """What it prints up to the line that equals `end`."""
        return await self._lines.until(end)

    async def read_line(self) -> str | None:
        """The next line that it prints."""
        return await self._lines.line()

    async def _read(self, most_bytes: int) -> bytes:
        try:
            return await self._stdout.read(most_bytes)
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError("the connection broke", where=self._where) from error
