"""Starts a client program with its secret in a pipe, and ends it together with its child processes."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmark import SECRET

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark import ClientProgram

# sysbench reacts at its next report, up to a second later; it loses nothing when it is killed.
_TERM_S = 0.3
# Capacity of a pipe, and what it may become: the secret is written before the program, its reader, is started.
_PIPE_BYTES = 65_536
_LARGEST_PIPE_BYTES = 1 << 20


async def start(clients: ClientProgram) -> asyncio.subprocess.Process:
    """Start the program; its standard error goes to its standard output."""
    secret = clients.secret.encode()
    if len(secret) >= _LARGEST_PIPE_BYTES:
        raise ConfigError("the certificates in sql.tls are too large together for the clients of a workload")
    source, sink = os.pipe()
    try:
        if len(secret) >= _PIPE_BYTES:
            # Certificates of many nodes.
            fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, _LARGEST_PIPE_BYTES)
        with os.fdopen(sink, "wb") as pipe:
            pipe.write(secret)
        return await asyncio.create_subprocess_exec(
            *_tied(tuple(each.replace(SECRET, f"/dev/fd/{source}") for each in clients.argv)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(source,),
            limit=_PIPE_BYTES * 16,
        )
    finally:
        os.close(source)


async def end(process: asyncio.subprocess.Process) -> None:
    """End the program, and then the child processes that it left behind."""
    if process.returncode is not None:
        return
    children = _children(process.pid)
    process.terminate()
    try:
        async with asyncio.timeout(_TERM_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    for child in children:
        # psutil compares the creation time too, so that no other process with the same pid is hit.
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _children(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _tied(argv: tuple[str, ...]) -> tuple[str, ...]:
    """`argv` prefixed so that the kernel kills the program with this process, where `setpriv` is installed."""
    return ("setpriv", "--pdeathsig", "KILL", *argv) if shutil.which("setpriv") else argv
