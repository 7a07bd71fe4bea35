"""The SSH servers of a loopback lab, all in one process.

python -m distdiag_core.lab.loopback_ssh PORT:DIRECTORY ...
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import asyncssh

from distdiag_core.lab import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_PART_BYTES = 65_536
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


class _Source(Protocol):
    """A stream of a program or of its client to read from."""

    async def read(self, n: int, /) -> bytes: ...


class _Target(Protocol):
    """A stream of a program or of its client to write to."""

    def write(self, data: bytes, /) -> None: ...

    async def drain(self) -> None: ...


async def serve(servers: Sequence[tuple[int, Path]]) -> None:
    """Serve SSH on 127.0.0.1, at one port for the directory of each node, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for port, directory in servers:
            group.create_task(_serve(port, directory))


async def _serve(port: int, directory: Path) -> None:
    secrets = keys.secrets_of(directory)
    home = directory / "home"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        await _run(process, home)

    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[str(secrets / keys.HOST_KEY)],
        authorized_client_keys=str(secrets / "authorized_keys"),
        process_factory=handle,
        encoding=None,
        reuse_address=True,
    )
    await server.wait_closed()


async def _run(process: asyncssh.SSHServerProcess[bytes], home: Path) -> None:
    """Run the command of a client in a shell, in the home directory of the node."""
    words = ("-c", process.command) if process.command else ()
    child = await asyncio.create_subprocess_exec(
        *("/bin/sh", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=home,
        env={"PATH": _PATH, "HOME": str(home), "USER": os.environ.get("USER", ""), "SHELL": "/bin/sh"},
        start_new_session=True,
    )
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("started without pipes")
    # Not by `process.redirect`: there an error of one program, such as that its client has left, ends the connection.
    feeding = asyncio.ensure_future(_feed(process, child.stdin))
    output = ((child.stdout, process.stdout), (child.stderr, process.stderr))
    await asyncio.gather(*(_pass_on(child, source, target) for source, target in output))
    status = await child.wait()
    feeding.cancel()
    await asyncio.wait({feeding})
    with suppress(OSError):
        process.exit(status if status >= 0 else 128 - status)


async def _feed(process: asyncssh.SSHServerProcess[bytes], stdin: asyncio.StreamWriter) -> None:
    await _copy(process.stdin, stdin)
    stdin.close()


async def _pass_on(child: asyncio.subprocess.Process, source: _Source, target: _Target) -> None:
    if not await _copy(source, target):
        # A real server closes the pipe then, and the program gets SIGPIPE.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGHUP)


async def _copy(source: _Source, target: _Target) -> bool:
    """Copy up to the end of the source; False where it fails, since the target does not take it or the client left."""
    try:
        while part := await source.read(_PART_BYTES):
            target.write(part)
            await target.drain()
    except (OSError, asyncssh.Error, asyncssh.SignalReceived, asyncssh.BreakReceived):
        return False
    return True


if __name__ == "__main__":
    pairs = [argument.partition(":") for argument in sys.argv[1:]]
    asyncio.run(serve([(int(port), Path(directory)) for port, _, directory in pairs]))
