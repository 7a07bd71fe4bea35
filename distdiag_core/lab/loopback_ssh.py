"""The SSH servers of a loopback lab, all in one process.

python -m distdiag_core.lab.loopback_ssh PORT:DIRECTORY ...
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from distdiag_core.lab import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


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
    await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
    status = await child.wait()
    await process.stdout.drain()
    process.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    pairs = [argument.partition(":") for argument in sys.argv[1:]]
    asyncio.run(serve([(int(port), Path(directory)) for port, _, directory in pairs]))
