"""The process that runs the clients of one node until their time is over, independently of the console.

`python -m distdiag_core.workloads.clients.supervisor` reads a `ClientJob` from its standard input and detaches itself
once the run file is written. Clients that end early, for instance because their node was down, are started again.
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

from distdiag_core.metrics import clock
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.clients import client_program, run_log
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.client_log import REMARK
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.clients.run_totals import RunTally
from distdiag_core.workloads.timestamped_log import TimestampedLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.clients.run_totals import RunTotals
    from distdiag_core.workloads.load_profile import CurrentLoad
    from distdiag_core.workloads.workload_status import WorkloadFigures

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
# At most this much of the totals of a run is lost when this process is killed.
_SAVE_INTERVAL_S = 5.0
_LEASE_POLL_S = 5.0


class _Early(Enum):
    """Why the supervisor ended the clients."""

    STALLED = auto()
    NEXT_STEP = auto()


class ClientSupervisor:
    """Runs the client program and restarts it after failures.

    Args:
        wanted: whether the run file still exists; the clients end with it.
        save: called from time to time with the totals so far.
    """

    def __init__(
        self,
        job: ClientJob,
        log: TimestampedLog,
        run: Run,
        wanted: Callable[[], bool],
        save: Callable[[RunTotals], None],
    ) -> None:
        self.tally = RunTally()
        self._save = save
        self._saved_s = -math.inf
        self._job = job
        self._benchmark = benchmark_registry.benchmark(job.request.kind)
        self._log = log
        self._run = run
        self._wanted = wanted
        self._worked = False
        self._output: deque[str] = deque(maxlen=50)

    async def supervise(self) -> str:
        """Run until cancelled or no longer wanted, or until a permanent failure, whose reason is returned."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._output.clear()
            began_s = time.monotonic()
            outcome = await self._clients(self._load())
            if not self._wanted():
                return ""
            if outcome is _Early.NEXT_STEP:
                continue
            failure = None if isinstance(outcome, _Early) else self._benchmark.explain(tuple(self._output), outcome)
            text = failure.text if failure else "nothing finished for too long"
            # A database that restarts may report missing tables for a while.
            if failure is not None and failure.permanent and not self._worked:
                return text
            if time.monotonic() - began_s > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            self._log.append(f"{REMARK}{text}; trying again")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _load(self) -> CurrentLoad:
        """The part of the load of now that the clients of this host take."""
        job = self._job
        whole = job.profile.at(clock.now_s() - self._run.started_s, job.request)
        return replace(whole, request=job.share.applied(whole.request))

    async def _clients(self, load: CurrentLoad) -> int | _Early:
        """Run the program once: its exit status, or why it was ended."""
        clients = self._benchmark.clients(self._spec(load))
        process = await client_program.start(clients)
        lasts_s = load.lasts_s if math.isfinite(load.lasts_s) else None
        try:
            async with asyncio.timeout(lasts_s) as step, asyncio.timeout(clients.patience_s) as patience:
                await self._follow(process, patience, clients.patience_s)
                return await process.wait() if self._wanted() else _Early.STALLED
        except TimeoutError:
            return _Early.NEXT_STEP if step.expired() else _Early.STALLED
        finally:
            await client_program.end(process)

    def _spec(self, load: CurrentLoad) -> ClientSpec:
        ends_s = self._run.ends_s
        left_s = None if ends_s is None else max(0.0, ends_s - clock.now_s())
        job = self._job
        return ClientSpec(job.node, load.request, job.endpoints, left_s, self._log.path, job.id)

    async def _follow(self, process: asyncio.subprocess.Process, patience: asyncio.Timeout, patience_s: float) -> None:
        if process.stdout is None:
            raise AssertionError("a process was started without a pipe")
        async for raw in process.stdout:
            line = raw.decode("utf-8", errors="replace").rstrip()
            measured = self._benchmark.figures(line)
            if measured is None:
                self._output.append(line)
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
        if time.monotonic() - self._saved_s >= _SAVE_INTERVAL_S:
            self._save(self.tally.totals())
            self._saved_s = time.monotonic()


def _moves(measured: WorkloadFigures) -> bool:
    return measured.qps > 0 or measured.errors_per_s > 0


async def _supervise(supervisor: ClientSupervisor, ends_s: float | None, lease: Lease) -> tuple[str, str]:
    """Run to the end: the reason of the end, and the failure if there was one."""
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in no task")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    watching = asyncio.create_task(lease.watch(task.cancel))
    try:
        async with asyncio.timeout(None if ends_s is None else ends_s - clock.now_s()):
            failure = await supervisor.supervise()
    except TimeoutError:
        return run_log.TIME_IS_UP, ""
    except asyncio.CancelledError:
        return lease.ended or run_log.STOPPED, ""
    except OSError as error:
        failure = f"the clients cannot be started: {error}"
    finally:
        watching.cancel()
    return failure or run_log.STOPPED, failure


class Lease:
    """The time that clients go on without a console that asks for them; it is renewed by each that does.

    Attributes:
        ended: why it ended, in words; empty before that.
    """

    def __init__(self, runs: RunDirectory, lease_s: float | None) -> None:
        self._runs = runs
        self._lease_s = lease_s
        self._began_s = time.time()
        self.ended = ""

    async def watch(self, end: Callable[[], object]) -> None:
        """Call `end` once the lease is over."""
        while self._lease_s is not None and not self.ended:
            await asyncio.sleep(min(_LEASE_POLL_S, self._lease_s / 2))
            if self._runs.unasked_s(self._began_s) > self._lease_s:
                self.ended = f"no console has asked for it within {self._lease_s:g} s"
                end()


def _detach() -> None:
    """Close the pipes of the console, which tells it that the run file is written, and leave its terminal."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def main() -> None:
    """Supervise the job on the standard input, in a detached process."""
    job = ClientJob.decode(sys.stdin.buffer.read())
    if os.fork():
        os._exit(0)
    os.setsid()
    # sysbench would replace an empty password by this one.
    os.environ.pop("MYSQL_PWD", None)
    # sysbench crashes when a connection is lost; its core dumps are of no use.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    now_s = clock.now_s()
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
    history = run_log.RunLog(job.cluster)
    history.begun(run)
    _detach()
    supervisor = ClientSupervisor(job, log, run, lambda: runs.holds(run), lambda totals: history.save(run, totals))
    why, failure = asyncio.run(_supervise(supervisor, ends_s, Lease(runs, job.lease_s)))
    history.ended(run, why, supervisor.tally.totals())
    with claim:
        if failure:
            runs.write(replace(run, failure=failure))
        else:
            runs.remove(job.node, kind)


if __name__ == "__main__":
    main()
