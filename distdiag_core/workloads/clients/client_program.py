"""The program that puts load on a node: started with its secrets in a pipe, and ended with all of its children."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from distdiag_core.workloads.benchmark import SECRET

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark import ClientProgram

# sysbench ends at its next report, which may be a second away; it loses nothing when it is killed.
_TERM_S = 0.3
# What a pipe holds before a writer waits for a reader; nobody reads before the program has started.
_PIPE_BYTES = 65_536


async def started(clients: ClientProgram) -> asyncio.subprocess.Process:
    """Start it; what it prints and complains about is in its standard output."""
    secret = clients.secret.encode()
    if len(secret) >= _PIPE_BYTES:
        raise AssertionError("the secret does not fit into a pipe")
    source, sink = os.pipe()
    try:
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


async def ended(process: asyncio.subprocess.Process) -> None:
    """End it, and then what it has left behind."""
    if process.returncode is not None:
        return
    family = _children(process.pid)
    process.terminate()
    try:
        async with asyncio.timeout(_TERM_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    for child in family:
        # psutil knows a process by its birth as well, so that no other one is hit.
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _children(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _tied(argv: tuple[str, ...]) -> tuple[str, ...]:
    """`argv` so that it ends when this process is killed; where that cannot be had, it ends at its own time."""
    return ("setpriv", "--pdeathsig", "KILL", *argv) if shutil.which("setpriv") else argv
