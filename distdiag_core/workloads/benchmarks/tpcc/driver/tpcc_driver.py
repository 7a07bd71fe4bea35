"""The driver of TPC-C on one node: `python -m distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver PIPE`.

It reads a `DriverPlan` from the path PIPE, starts the worker processes, and prints the figures of each second. It ends
when its time is over or its parent has ended; a signal ends it at once, and the worker processes with it, because their
input ends.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
import time
from pathlib import Path
from random import Random
from select import select
from typing import TYPE_CHECKING

import pymysql

from distdiag_core.errors import CommandFailedError, DistdiagError, UnreachableError
from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmarks.tpcc.driver.driver_plan import DriverPlan, ProcessPlan
from distdiag_core.workloads.benchmarks.tpcc.driver.execution import error_text
from distdiag_core.workloads.benchmarks.tpcc.driver.node_figures import figures
from distdiag_core.workloads.benchmarks.tpcc.driver.node_probe import NodeProbe
from distdiag_core.workloads.benchmarks.tpcc.driver.warehouse_map import discover
from distdiag_core.workloads.benchmarks.tpcc.driver.worker_pool import WorkerPool
from distdiag_core.workloads.benchmarks.tpcc.tables import chunks
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.timestamped_log import TimestampedLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.workloads.benchmarks.tpcc.driver.warehouse_map import WarehouseMap

_REPORT_S = 1.0
# Exit statuses: after a failure that a restart may cure, and after one that it cannot.
TRANSIENT, PERMANENT = 1, 2


def _processes(plan: DriverPlan, warehouse_map: WarehouseMap) -> Iterator[ProcessPlan]:
    """Divide the terminals among the worker processes; C of the run is the same for all (clause 2.1.6)."""
    scale = Scale(plan.percent)
    constants = chunks.load_constants(scale).of_run(scale, Random(secrets.randbits(64)))  # noqa: S311 - input data, no secret
    count = min(plan.processes, plan.terminals)
    for number in range(count):
        first, following = (plan.terminals * each // count for each in (number, number + 1))
        yield ProcessPlan(
            endpoint=plan.endpoints[plan.node],
            others={node: plan.endpoints[node] for node in set(warehouse_map.elsewhere.values())},
            home=warehouse_map.home,
            warehouses=(*warehouse_map.home, *warehouse_map.here, *warehouse_map.elsewhere),
            elsewhere=warehouse_map.elsewhere,
            constants=constants,
            percent=plan.percent,
            first=first,
            terminals=following - first,
            per_s=plan.per_s / count,
            waits=plan.waits,
            seed=secrets.randbits(64),
        )


def _drive(plan: DriverPlan) -> None:
    warehouse_map = discover(plan.node, plan.endpoints)
    for other in warehouse_map.unreached:
        _print(f"{other} cannot be reached; its warehouses are left out")
    probe = NodeProbe({other: plan.endpoints[other] for other in warehouse_map.unreached})
    pool = WorkerPool(_processes(plan, warehouse_map))
    results = _results(Path(plan.results))
    parent = os.getppid()
    began_s = reported_s = time.monotonic()
    ends_s = None if plan.left_s is None else began_s + plan.left_s
    while os.getppid() == parent and (ends_s is None or reported_s < ends_s):
        if _abandoned(max(0.0, reported_s + _REPORT_S - time.monotonic())):
            return
        if probe.back.is_set():
            raise UnreachableError("warehouses were left out that can be reached again", where=plan.node)
        tallies = pool.ask()
        now_s = time.monotonic()
        for error in {tally.last_error for tally in tallies if tally.last_error}:
            _print(error)
        for result in (result for tally in tallies for result in tally.results):
            if results is not None:
                results.append(f"{plan.run} {result}")
        _print(report_line.encode(figures(tallies, now_s - reported_s, plan.terminals)))
        reported_s = now_s


def _results(path: Path) -> TimestampedLog | None:
    """The log of the results of Deliveries; None where it cannot be written, since the load matters more."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return TimestampedLog(path, append=True)
    except OSError as error:
        _print(f"the results of Deliveries cannot be kept: {error}")
        return None


def _abandoned(wait_s: float) -> bool:
    """Wait; whether the standard input, if it is a pipe, has ended meanwhile."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        select((), (), (), wait_s)
        return False
    readable, _, _ = select((0,), (), (), wait_s)
    return bool(readable) and not os.read(0, 4096)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Execute the plan in the pipe."""
    plan = DriverPlan.decode(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        _drive(plan)
    except (UnreachableError, CommandFailedError) as error:
        _print(str(error))
        sys.exit(TRANSIENT)
    except DistdiagError as error:
        _print(str(error))
        sys.exit(PERMANENT)
    except pymysql.err.Error as error:
        _print(f"{plan.node}: {error_text(error)}")
        sys.exit(PERMANENT)


if __name__ == "__main__":
    main()
