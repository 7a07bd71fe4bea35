"""Starts and ends the clients of a node, from this process or from a later one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from distdiag_core.errors import CommandFailedError

if TYPE_CHECKING:
    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.run_files import Run

_LAUNCH_S = 20.0
# Long enough for a supervisor on a busy machine to end its clients.
_END_S = 3.0


async def launch(job: ClientJob) -> None:
    """Start the clients; they are on file when this returns.

    Raises:
        CommandFailedError: they could not be started.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "distdiag_core.workloads.clients.supervisor",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    where = f"{job.node}: clients of {job.request.kind}"
    try:
        async with asyncio.timeout(_LAUNCH_S):
            # The pipes close when the supervisor has detached itself.
            _, complaint = await process.communicate(job.encode())
    except TimeoutError:
        raise CommandFailedError(f"not started within {_LAUNCH_S:g} s", where=where) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if complaint:
        last = complaint.decode("utf-8", errors="replace").strip().splitlines()[-1]
        raise CommandFailedError(last, where=where)


async def end(run: Run) -> None:
    """End the clients: asked first, then by force. They are gone when this returns."""
    process = run.process()
    if process is None:
        return
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    with suppress(psutil.TimeoutExpired):
        await asyncio.to_thread(process.wait, _END_S)
        return
    # The supervisor leads the group that its clients are in.
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    with suppress(psutil.TimeoutExpired):
        await asyncio.to_thread(process.wait, _END_S)
