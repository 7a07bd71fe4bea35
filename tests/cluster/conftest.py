"""A real SSH server in this process, on loopback."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from signal import Signals
from typing import TYPE_CHECKING

import asyncssh
import pytest

from distdiag_core.cluster.inventory import NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.ssh import SshShell
from tests import ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

USER = "operator"


# As of stock sshd.
MAX_SESSIONS = 10


class _Door(asyncssh.SSHServer):
    """Remembers who came in; lets jump hosts through."""

    def __init__(self, server: SshServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.connections.append(conn)

    async def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        if self._server.sessions >= MAX_SESSIONS:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "open failed")
        self._server.sessions += 1
        await self._server.opening.wait()
        return _Session(self._server)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True


class _Session(asyncssh.SSHServerProcess[bytes]):
    """Passes signals on, also when there is no more input."""

    def __init__(self, server: SshServer) -> None:
        super().__init__(_serve, None, 3, allow_scp=False)
        self.server = server
        self.program: asyncio.subprocess.Process | None = None

    def signal_received(self, signal: str) -> None:
        if self.program is not None:
            _signal(self.program, Signals[f"SIG{signal}"])


@dataclass
class SshServer:
    """Runs commands as the user of the tests, like sshd does: in a session of their own, ended by signals.

    Attributes:
        opening, running: cleared to hold up every session before it is open, or every program before it runs.
        sessions: how many there are; one lasts until its program has ended, whatever becomes of its channel.
        babble: what the login shell says, and then waits for the end of its input.
        login_shell: the program and its arguments before `-c`, that is given every command line.
        lines: the command lines that it was given.
    """

    directory: Path
    port: int = 0
    opening: asyncio.Event = field(default_factory=lambda: _set(asyncio.Event()))
    running: asyncio.Event = field(default_factory=lambda: _set(asyncio.Event()))
    sessions: int = 0
    babble: str = ""
    login_shell: tuple[str, ...] = ("/bin/sh",)
    lines: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    @property
    def identity(self) -> Path:
        return self.directory / "id"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def environment(self) -> dict[str, str]:
        """That of a login: start-up files are read from the home of the tests."""
        return {**os.environ, "SHELL": self.login_shell[0]}

    def settings(self, **changes: object) -> NodeSettings:
        """A node that is this server; `changes` are of its SSH settings."""
        ssh = {
            "user": USER,
            "port": self.port,
            "identity": str(self.identity),
            "known_hosts": str(self.known_hosts),
            "connect_timeout_s": 5.0,
        }
        return NodeSettings("n1", "127.0.0.1", ssh=SshSettings(**(ssh | changes)), sql=SqlSettings())  # type: ignore[arg-type]

    def make_keys(self) -> None:
        host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        host.write_private_key(self.directory / "host")
        user.write_private_key(self.identity)
        user.write_public_key(self.directory / "authorized")
        public = host.export_public_key().decode()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public}", encoding="ascii")

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[SshServer]:
        """Accept connections, on the same port every time."""
        acceptor = await asyncssh.create_server(
            lambda: _Door(self),
            "127.0.0.1",
            self.port,
            server_host_keys=[str(self.directory / "host")],
            authorized_client_keys=str(self.directory / "authorized"),
            encoding=None,
        )
        try:
            yield self
        finally:
            acceptor.close()
            self.drop()
            await asyncio.gather(*(connection.wait_closed() for connection in self.connections))
            await acceptor.wait_closed()

    def fall_silent(self) -> None:
        """Keep every connection, and hear nothing more on any."""
        for connection in self.connections:
            assert isinstance(connection._transport, asyncio.Transport)
            connection._transport.pause_reading()

    def drop(self) -> None:
        """Break every connection without a goodbye."""
        for connection in self.connections:
            connection.abort()


async def _serve(session: asyncssh.SSHServerProcess[bytes]) -> None:
    assert isinstance(session, _Session)
    try:
        await session.server.running.wait()
        if session.server.babble:
            session.stdout.write(f"{session.server.babble}\n".encode())
            await session.stdin.read()
        else:
            await _run(session)
    finally:
        session.server.sessions -= 1


async def _run(session: _Session) -> None:
    line, shell = session.command or "", session.server.login_shell
    session.server.lines.append(line)
    program = await asyncio.create_subprocess_exec(
        *shell, "-c", line, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True, env=session.server.environment
    )
    session.program = program
    feeding = asyncio.create_task(_feed(session, program))
    try:
        # The end of the one must not cut off the other, as it does not with sshd.
        await session.redirect(stdout=program.stdout, stderr=program.stderr, send_eof=False)
        status = await program.wait()
        await session.stdout.drain()
        await session.stderr.drain()
        session.exit(status) if status >= 0 else session.exit_with_signal(Signals(-status).name[3:])
    finally:
        feeding.cancel()
        if program.returncode is None:
            _signal(program, Signals.SIGKILL)
            await program.wait()


async def _feed(session: asyncssh.SSHServerProcess[bytes], program: asyncio.subprocess.Process) -> None:
    assert program.stdin is not None
    with suppress(OSError):
        while not session.stdin.at_eof():
            program.stdin.write(await session.stdin.read(65536))
            await program.stdin.drain()
        program.stdin.close()


def _set(event: asyncio.Event) -> asyncio.Event:
    event.set()
    return event


def _signal(program: asyncio.subprocess.Process, number: Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(program.pid, number)


@asynccontextmanager
async def opened(server: SshServer) -> AsyncGenerator[SshShell]:
    """An open shell on the server, which listens meanwhile."""
    shell = SshShell(server.settings())
    async with server.listening():
        await shell.open()
        try:
            yield shell
        finally:
            await shell.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without an SSH configuration, a key or an agent."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def new_server(home: Path, tmp_path: Path, free_port: Callable[[], int]) -> Callable[[str], SshServer]:
    """Makes a server with keys of its own."""

    def make(name: str) -> SshServer:
        directory = tmp_path / name
        directory.mkdir()
        server = SshServer(directory, free_port())
        server.make_keys()
        return server

    return make


@pytest.fixture
def server(new_server: Callable[[str], SshServer]) -> SshServer:
    return new_server("server")


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a port of loopback that nobody listens on."""
    return ports.free_port
