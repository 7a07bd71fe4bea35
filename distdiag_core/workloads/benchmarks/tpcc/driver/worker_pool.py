"""The pool of worker processes of a driver."""

from __future__ import annotations

import subprocess
import sys
import time
from select import select
from typing import TYPE_CHECKING

from distdiag_core.errors import CommandFailedError
from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionTally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

    from distdiag_core.workloads.benchmarks.tpcc.driver.driver_plan import ProcessPlan

_PROGRAM = (sys.executable, "-m", "distdiag_core.workloads.benchmarks.tpcc.driver.worker_process")
# On a busy machine a process that has not answered by then is read in the next second.
_ANSWER_S = 0.7


class WorkerPool:
    """Worker processes that report on request, and end with this process because their input ends."""

    def __init__(self, plans: Iterable[ProcessPlan]) -> None:
        self._workers = [_Worker(plan) for plan in plans]

    def ask(self) -> list[TransactionTally]:
        """Collect the tallies since the last call.

        Raises:
            CommandFailedError: a process has ended.
        """
        for worker in self._workers:
            worker.ask()
        until_s = time.monotonic() + _ANSWER_S
        return [tally for worker in self._workers for tally in worker.answers(until_s)]


class _Worker:
    def __init__(self, plan: ProcessPlan) -> None:
        # Unbuffered, since select does not see what is in a buffer.
        self._process = subprocess.Popen(_PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._pending = 0
        self._partial = b""
        self._write(plan.encode())

    def ask(self) -> None:
        self._write("")
        self._pending += 1

    def answers(self, until_s: float) -> list[TransactionTally]:
        found: list[TransactionTally] = []
        while self._pending:
            readable, _, _ = select((self._output,), (), (), max(0.0, until_s - time.monotonic()))
            if not readable:
                break
            found += self._read()
        return found

    def _read(self) -> list[TransactionTally]:
        piece = self._output.read(1 << 16)
        if not piece:
            raise self._ended()
        *complete, self._partial = (self._partial + piece).split(b"\n")
        self._pending -= len(complete)
        return [TransactionTally.decode(line.decode()) for line in complete]

    def _write(self, line: str) -> None:
        if self._process.stdin is None:
            raise AssertionError("a process was started without a pipe")
        try:
            self._process.stdin.write(f"{line}\n".encode())
        except BrokenPipeError:
            raise self._ended() from None

    @property
    def _output(self) -> IO[bytes]:
        if self._process.stdout is None:
            raise AssertionError("a process was started without a pipe")
        return self._process.stdout

    def _ended(self) -> CommandFailedError:
        return CommandFailedError(f"a process of the driver ended with status {self._process.wait()}", where="tpcc")
