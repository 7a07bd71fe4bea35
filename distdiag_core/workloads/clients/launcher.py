"""Starts the supervisor of a client job, and ends the clients of a run from any process of the user."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from distdiag_core.cluster.lines import last_line
from distdiag_core.errors import CommandFailedError

if TYPE_CHECKING:
    from distdiag_core.workloads.clients.client_job import ClientJob
    from distdiag_core.workloads.clients.run_files import Run

_LAUNCH_S = 20.0
# Enough for a supervisor on a busy machine to end its clients.
_END_S = 3.0
_POLL_S = 0.02


async def launch(job: ClientJob) -> None:
    """Start the clients; their run file exists when this returns.

    Raises:
        CommandFailedError: the supervisor did not start.
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
            # The supervisor closes the pipes when it detaches itself.
            _, stderr = await process.communicate(job.encode())
    except TimeoutError:
        raise CommandFailedError(f"not started within {_LAUNCH_S:g} s", where=where) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if stderr:
        said = last_line(stderr.decode("utf-8", errors="replace")) or "its supervisor ended without a reason"
        raise CommandFailedError(said, where=where)


async def end(run: Run) -> None:
    """End the clients of a run, by SIGTERM and then by SIGKILL; they have ended when this returns."""
    process = run.process()
    if process is None:
        return
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    if await _ended(run):
        return
    # The supervisor leads the process group of its clients.
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    await _ended(run)


async def _ended(run: Run) -> bool:
    """Wait for the end of the supervisor; False where it has not ended in time.

    A zombie counts as ended: the init process of a container may reap it seconds later or never, and
    `psutil.Process.wait` waits for that.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            while run.process() is not None:  # noqa: ASYNC110 - a process that is no child gives no notice of its end
                await asyncio.sleep(_POLL_S)
            return True
    return False
