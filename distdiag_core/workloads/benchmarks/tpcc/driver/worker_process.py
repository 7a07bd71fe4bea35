"""A worker process of the driver, which runs terminals as threads.

Python uses one processor per process, which is busy at 500 to 700 transactions a second (tests/bench/bench_tpcc.py), a
tpmC of about 16,000. More load takes more processes.

`python -m distdiag_core.workloads.benchmarks.tpcc.driver.worker_process` reads a `ProcessPlan` from its standard input,
then answers each further line with a `TransactionTally`. At the end of its input it exits at once; the database rolls
back what is not committed.
"""

from __future__ import annotations

import os
import sys
import threading
from random import Random
from threading import ExceptHookArgs, Thread

from distdiag_core.workloads.benchmarks.tpcc.driver.delivery_queue import DeliveryQueue
from distdiag_core.workloads.benchmarks.tpcc.driver.driver_plan import ProcessPlan
from distdiag_core.workloads.benchmarks.tpcc.driver.emulated_terminal import Pace, Terminal
from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionCounter
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS, Scale
from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Inputs


def _start(plan: ProcessPlan, counter: TransactionCounter) -> DeliveryQueue:
    """Start the threads of the terminals and of the Deliveries."""
    deliveries = DeliveryQueue(_databases(plan), counter)
    pace = Pace(plan.per_s)
    terminals = [_terminal(plan, number, deliveries, counter, pace) for number in range(plan.terminals)]
    for work in (deliveries.work, *(terminal.work for terminal in terminals)):
        Thread(target=work, daemon=True).start()
    return deliveries


def _terminal(
    plan: ProcessPlan, number: int, deliveries: DeliveryQueue, counter: TransactionCounter, pace: Pace
) -> Terminal:
    random = Random(f"{plan.seed} {number}")  # noqa: S311 - inputs of transactions
    warehouse = plan.home[(plan.first + number) % len(plan.home)]
    district = (plan.first + number) // len(plan.home) % DISTRICTS + 1
    inputs = Inputs((warehouse, district), plan.warehouses, Scale(plan.percent), plan.constants, random)
    return Terminal(_databases(plan), inputs, deliveries, counter, pace, random, waits=plan.waits)


def _databases(plan: ProcessPlan) -> Databases:
    return Databases(plan.endpoint, plan.elsewhere, plan.others)


def _end(failed: ExceptHookArgs) -> None:
    """End the process when a thread fails, since a missing terminal would look like a waiting one."""
    sys.__excepthook__(failed.exc_type, failed.exc_value or failed.exc_type(), failed.exc_traceback)
    sys.stderr.flush()
    os._exit(1)


def main() -> None:
    """Run until the input ends."""
    threading.excepthook = _end
    counter = TransactionCounter()
    deliveries = _start(ProcessPlan.decode(sys.stdin.readline()), counter)
    while sys.stdin.readline():
        sys.stdout.write(f"{counter.take(deliveries.waiting).encode()}\n")
        sys.stdout.flush()
    # Threads that wait for a database cannot be joined.
    os._exit(0)


if __name__ == "__main__":
    main()
