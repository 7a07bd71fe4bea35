"""The process that keeps the clients of one node going until their time is over, whatever becomes of the console.

`python -m distdiag_core.workloads.clients.supervisor` reads a `ClientJob` from its standard input and detaches
itself once the run is on file. Clients that end early, because their node was gone for instance, are started again.
"""

from __future__ import annotations

import asyncio
import math
import os
import resource
import signal
import sys
import time
from collections import deque
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.clients import run_log
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.client_log import REMARK, TimestampedLog
from distdiag_core.workloads.clients.client_program import ended, started
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.clients.run_totals import RunTally

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.clients.run_totals import RunTotals
    from distdiag_core.workloads.load_profile import CurrentLoad
    from distdiag_core.workloads.workload_status import WorkloadFigures

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
# What a run came to is lost from here on if this process is killed.
_TELL_S = 5.0


class _Early(Enum):
    """Why clients were ended although they had not ended themselves."""

    STALLED = auto()
    NEXT_STEP = auto()


class ClientSupervisor:
    """Runs the clients again and again, for as long as `wanted`; `goes_on` hears now and then what it has come to."""

    def __init__(
        self,
        job: ClientJob,
        log: TimestampedLog,
        run: Run,
        wanted: Callable[[], bool],
        goes_on: Callable[[RunTotals], None],
    ) -> None:
        self.tally = RunTally()
        self._goes_on = goes_on
        self._told_s = time.monotonic()
        self._job = job
        self._benchmark = benchmark_registry.benchmark(job.request.kind)
        self._log = log
        self._run = run
        self._wanted = wanted
        self._worked = False
        self._said: deque[str] = deque(maxlen=50)

    async def keep(self) -> str:
        """Go on until cancelled or no longer wanted, or until it is hopeless: then the reason, in plain words."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._said.clear()
            began_s = time.monotonic()
            end = await self._clients(self._job.profile.at(time.time() - self._run.started_s, self._job.request))
            if not self._wanted():
                return ""
            if end is _Early.NEXT_STEP:
                continue
            complaint = None if isinstance(end, _Early) else self._benchmark.explain(tuple(self._said), end)
            text = complaint.text if complaint else "nothing finished for too long"
            # A database that comes up again may deny for a while what it knew before.
            if complaint is not None and complaint.permanent and not self._worked:
                return text
            if time.monotonic() - began_s > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            self._log.append(f"{REMARK}{text}; trying again")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _clients(self, load: CurrentLoad) -> int | _Early:
        """Run them to their end: their exit status, or why they were ended."""
        clients = self._benchmark.clients(self._spec(load))
        process = await started(clients)
        lasts_s = load.lasts_s if math.isfinite(load.lasts_s) else None
        try:
            async with asyncio.timeout(lasts_s) as step, asyncio.timeout(clients.patience_s) as patience:
                await self._follow(process, patience, clients.patience_s)
                return await process.wait() if self._wanted() else _Early.STALLED
        except TimeoutError:
            return _Early.NEXT_STEP if step.expired() else _Early.STALLED
        finally:
            await ended(process)

    def _spec(self, load: CurrentLoad) -> ClientSpec:
        ends_s = self._run.ends_s
        left_s = None if ends_s is None else max(0.0, ends_s - time.time())
        return ClientSpec(self._job.node, load.request, self._job.endpoints, left_s, self._job.cluster, self._job.id)

    async def _follow(self, process: asyncio.subprocess.Process, patience: asyncio.Timeout, patience_s: float) -> None:
        if process.stdout is None:
            raise AssertionError("a process was started without a pipe")
        async for raw in process.stdout:
            line = raw.decode("utf-8", errors="replace").rstrip()
            measured = self._benchmark.figures(line)
            if measured is None:
                self._said.append(line)
            else:
                self._count(measured)
            if measured is not None and _moves(measured):
                self._worked = self._worked or measured.tps > 0
                patience.reschedule(asyncio.get_running_loop().time() + patience_s)
            if line:
                self._log.append(line)
            if not self._wanted():
                return

    def _count(self, measured: WorkloadFigures) -> None:
        self.tally.add(measured)
        if time.monotonic() - self._told_s >= _TELL_S:
            self._goes_on(self.tally.totals())
            self._told_s = time.monotonic()


def _moves(measured: WorkloadFigures) -> bool:
    return measured.qps > 0 or measured.errors_per_s > 0


async def _supervise(supervisor: ClientSupervisor, ends_s: float | None) -> tuple[str, str]:
    """How it ended, and why it failed if it did."""
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in no task")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with asyncio.timeout(None if ends_s is None else ends_s - time.time()):
            failure = await supervisor.keep()
    except TimeoutError:
        return run_log.TIME_IS_UP, ""
    except asyncio.CancelledError:
        return run_log.STOPPED, ""
    except OSError as error:
        failure = f"the clients cannot be started: {error}"
    return failure or run_log.STOPPED, failure


def _detach() -> None:
    """Let go of the console: of its pipes, so that it knows that the run is on file, and of its terminal."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def main() -> None:
    """Keep the job on standard input going, in a process that nobody waits for."""
    job = ClientJob.decode(sys.stdin.buffer.read())
    if os.fork():
        os._exit(0)
    os.setsid()
    # An empty password would be replaced by the one of the environment.
    os.environ.pop("MYSQL_PWD", None)
    # sysbench crashes when a connection goes; nobody needs the cores.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    now_s = time.time()
    ends_s = None if job.request.duration_s is None else now_s + job.request.duration_s
    runs, kind = RunDirectory(job.cluster), job.request.kind
    run = Run(job.id, job.node, job.request, os.getpid(), born_s(), now_s, ends_s)
    try:
        # Held until this process ends.
        claim = runs.claim(job.node, kind)
        if claim is None:
            sys.exit(f"{kind} runs already on this node; stop it first")
        runs.write(run)
        log = TimestampedLog(runs.log(job.node, kind))
    except OSError as error:
        sys.exit(f"the run cannot be put on file: {error}")
    past = run_log.RunLog(job.cluster)
    past.begun(run)
    _detach()
    supervisor = ClientSupervisor(job, log, run, lambda: runs.holds(run), lambda totals: past.goes_on(run, totals))
    why, failure = asyncio.run(_supervise(supervisor, ends_s))
    past.ended(run, why, supervisor.tally.totals())
    with claim:
        if failure:
            runs.write(replace(run, failure=failure))
        else:
            runs.remove(job.node, kind)


if __name__ == "__main__":
    main()
