"""The process that keeps the clients of one node going until their time is over, whatever becomes of the console.

`python -m distdiag_core.workloads.keeper` reads a `Job` from its standard input and detaches itself once the run is on
file. Clients that end early, because their node was gone for instance, are started again.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import resource
import shutil
import signal
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.workloads import report
from distdiag_core.workloads.complaint import explain
from distdiag_core.workloads.run import Run, RunDirectory, born_s, request_from
from distdiag_core.workloads.runlog import REMARK, RunLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.workload import WorkloadFigures, WorkloadRequest

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
# sysbench ends at its next report, which may be a second away; it loses nothing when it is killed.
_TERM_S = 0.3
# After a cut the kernel resends ever more seldom; new connections are back long before the old ones. No statement
# takes this long without either an end or an error: the engine gives up on it after 10 s.
_STALLED_S = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to keep going.

    Attributes:
        argv: the program; `--config-file=` with the options is added.
        options: lines of `name=value`, the password among them: never an argument, never in a file.
    """

    cluster: str
    node: str
    request: WorkloadRequest
    argv: tuple[str, ...]
    options: str

    def encode(self) -> bytes:
        """As it goes through a pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, content: bytes) -> Job:
        """The opposite of `encode`."""
        data = json.loads(content)
        return cls(**{**data, "argv": tuple(data["argv"]), "request": request_from(data["request"])})


class Keeper:
    """Runs the clients again and again, for as long as `wanted`."""

    def __init__(self, job: Job, log: RunLog, ends_s: float | None, wanted: Callable[[], bool]) -> None:
        self._job = job
        self._log = log
        self._ends_s = ends_s
        self._wanted = wanted
        self._worked = False
        self._said: deque[str] = deque(maxlen=50)

    async def keep(self) -> str:
        """Go on until cancelled or no longer wanted, or until it is hopeless: then the reason, in plain words."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._said.clear()
            began_s = time.monotonic()
            status = await self._clients()
            if not self._wanted():
                return ""
            complaint = None if status is None else explain(tuple(self._said), status)
            text = complaint.text if complaint else f"nothing finished for {_STALLED_S:.0f} s"
            # A database that comes up again may deny for a while what it knew before.
            if complaint is not None and complaint.lasting and not self._worked:
                return text
            if time.monotonic() - began_s > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            self._log.append(f"{REMARK}{text}; trying again")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _clients(self) -> int | None:
        """Run them to their end: their exit status; None when they stalled and were ended."""
        process = await self._spawn()
        try:
            async with asyncio.timeout(_STALLED_S) as patience:
                await self._follow(process, patience)
                return await process.wait() if self._wanted() else None
        except TimeoutError:
            return None
        finally:
            await _end(process)

    async def _spawn(self) -> asyncio.subprocess.Process:
        left_s = 0 if self._ends_s is None else max(1, math.ceil(self._ends_s - time.time()))
        source, sink = os.pipe()
        try:
            with os.fdopen(sink, "w", encoding="utf-8") as options:
                options.write(f"{self._job.options}time={left_s}\n")
            return await asyncio.create_subprocess_exec(
                *_tied(self._job.argv),
                f"--config-file=/dev/fd/{source}",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(source,),
            )
        finally:
            os.close(source)

    async def _follow(self, process: asyncio.subprocess.Process, patience: asyncio.Timeout) -> None:
        if process.stdout is None:
            raise AssertionError("a process was started without a pipe")
        async for raw in process.stdout:
            line = raw.decode("utf-8", errors="replace").rstrip()
            measured = report.parse(line)
            if measured is None:
                self._said.append(line)
            elif _moves(measured):
                self._worked = self._worked or measured.tps > 0
                patience.reschedule(asyncio.get_running_loop().time() + _STALLED_S)
            if line:
                self._log.append(line)
            if not self._wanted():
                return


def _tied(argv: tuple[str, ...]) -> tuple[str, ...]:
    """`argv` so that it ends when this process is killed; where that cannot be had, it ends at its own time."""
    return ("setpriv", "--pdeathsig", "KILL", *argv) if shutil.which("setpriv") else argv


def _moves(measured: WorkloadFigures) -> bool:
    return measured.qps > 0 or measured.errors_per_s > 0


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_TERM_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _keep_until(keeper: Keeper, ends_s: float | None) -> str:
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in no task")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with asyncio.timeout(None if ends_s is None else ends_s - time.time()):
            return await keeper.keep()
    except TimeoutError:
        return ""
    except asyncio.CancelledError:
        return ""
    except OSError as error:
        return f"the clients cannot be started: {error}"


def _detach() -> None:
    """Let go of the console: of its pipes, so that it knows that the run is on file, and of its terminal."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def main() -> None:
    """Keep the job on standard input going, in a process that nobody waits for."""
    job = Job.decode(sys.stdin.buffer.read())
    if os.fork():
        os._exit(0)
    os.setsid()
    # An empty password would be replaced by the one of the environment.
    os.environ.pop("MYSQL_PWD", None)
    # sysbench crashes when a connection goes; nobody needs the cores.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    now_s = time.time()
    ends_s = None if job.request.duration_s is None else now_s + job.request.duration_s
    runs = RunDirectory(job.cluster)
    run = Run(job.node, job.request, os.getpid(), born_s(), now_s, ends_s)
    try:
        # Held until this process ends.
        claim = runs.claim(job.node)
        if claim is None:
            sys.exit("a workload runs already on this node; stop it first")
        runs.write(run)
        log = RunLog(runs.log(job.node))
    except OSError as error:
        sys.exit(f"the run cannot be put on file: {error}")
    _detach()
    failure = asyncio.run(_keep_until(Keeper(job, log, ends_s, lambda: runs.holds(run)), ends_s))
    with claim:
        if failure:
            runs.write(replace(run, failure=failure))
        else:
            runs.remove(job.node)


if __name__ == "__main__":
    main()
