"""TPC-C as a `Benchmark`."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks import report_line
from distdiag_core.workloads.benchmarks.benchmark import SECRET, Clients, Complaint
from distdiag_core.workloads.benchmarks.tpcc.driver.deck import Kind
from distdiag_core.workloads.benchmarks.tpcc.driver.driver_plan import DriverPlan
from distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver import LASTING
from distdiag_core.workloads.benchmarks.tpcc.options import TpccOptions
from distdiag_core.workloads.benchmarks.tpcc.tables import consistency, tpcc_schema
from distdiag_core.workloads.benchmarks.tpcc.tables.population import Population
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.benchmarks.tpcc.tables.warehouse_numbers import Spread
from distdiag_core.workloads.clients.run_files import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from distdiag_core.workloads.benchmarks.benchmark import Finding, Shift
    from distdiag_core.workloads.benchmarks.benchmark_target import Place
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

# More load a node no faster: its log is what they wait for.
_LOADERS = 4


class Tpcc:
    """Implements `Benchmark` with a driver of our own, since no packaged one speaks to OceanBase."""

    name = "tpcc"
    scripts: Mapping[str, str] = MappingProxyType({"mix": "the five transactions, in the mix of the specification"})
    options = TpccOptions
    types = tuple(kind.value for kind in Kind)

    def require(self) -> None:
        """Nothing beyond distdiag itself."""

    def check(self, request: WorkloadRequest) -> None:
        """Every request within the bounds of its options makes sense."""

    async def prepare(self, place: Place, request: WorkloadRequest, done: Callable[[int, int], None]) -> None:
        """Create and fill the tables; what is there is kept."""
        population = _population(place, request)
        async with AsyncExitStack() as stack:
            databases = [await stack.enter_async_context(place.database()) for _ in range(_LOADERS)]
            await population.fill(databases, lambda rows: done(rows, population.rows))

    async def missing(self, place: Place, request: WorkloadRequest) -> str:
        """How much is not loaded."""
        async with place.database() as database:
            return await _population(place, request).missing(database)

    async def cleanup(self, place: Place, request: WorkloadRequest) -> None:
        """Drop the tables, and the database when nothing else is in it."""
        async with place.database() as database:
            await tpcc_schema.drop(database)

    def clients(self, shift: Shift) -> Clients:
        """The driver, with everything that it is told in its pipe."""
        request, options = shift.request, shift.request.options_as(TpccOptions)
        plan = DriverPlan(
            node=shift.node,
            endpoints=dict(shift.endpoints),
            terminals=request.threads,
            processes=options.processes,
            per_s=request.rate,
            percent=options.scale,
            unhurried=options.wait,
            left_s=shift.left_s,
            run=shift.run,
            results=str(_results(shift)),
        )
        return Clients(
            (sys.executable, "-m", "distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver", SECRET), plan.encode()
        )

    def figures(self, line: str) -> WorkloadFigures | None:
        """What the driver prints."""
        return report_line.decode(line)

    def explain(self, lines: Sequence[str], status: int) -> Complaint:
        """What the driver said last."""
        if status < 0:
            return Complaint(f"the driver was ended by signal {-status}")
        said = next((line for line in reversed(lines) if line.strip()), f"the driver ended with status {status}")
        return Complaint(said, lasting=status == LASTING)

    async def validate(self, place: Place, request: WorkloadRequest) -> tuple[Finding, ...]:
        """The consistency conditions, in the warehouses of the node; without any rows they would all hold."""
        async with place.database() as database:
            if missing := await _population(place, request).missing(database):
                raise DataError(missing, where=place.node, hint="prepare the workload first")
            return await consistency.check(database, _spread(place, request).of(place.node))


def _results(shift: Shift) -> Path:
    """What Deliveries came to, beside the log of the run."""
    return RunDirectory(shift.cluster).log(shift.node, Tpcc.name).with_suffix(".deliveries.log")


def _spread(place: Place, request: WorkloadRequest) -> Spread:
    return Spread(place.cluster, request.options_as(TpccOptions).warehouses)


def _population(place: Place, request: WorkloadRequest) -> Population:
    return Population(place.node, _spread(place, request), Scale(request.options_as(TpccOptions).scale))
