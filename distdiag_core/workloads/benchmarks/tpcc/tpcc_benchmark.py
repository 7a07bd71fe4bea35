"""TPC-C as a `Benchmark`."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmark import SECRET, ClientFailure, ClientProgram
from distdiag_core.workloads.benchmark_options import Options, option
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType
from distdiag_core.workloads.benchmarks.tpcc.driver.driver_plan import DriverPlan
from distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver import PERMANENT
from distdiag_core.workloads.benchmarks.tpcc.tables import consistency, population, tpcc_schema
from distdiag_core.workloads.benchmarks.tpcc.tables.population import Population
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.benchmarks.tpcc.tables.warehouse_numbers import WarehouseNumbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmark import ClientSpec, Finding
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

# More connections load no faster: they wait for the redo log of the node.
_LOADERS = 4


@dataclass(frozen=True, slots=True)
class TpccOptions(Options):
    """Sizes of the tables, and behaviour of the terminals."""

    warehouses: int = option(
        "How many warehouses a node; each takes some 100 MB.",
        default=1,
        label="Warehouses a node",
        least=1,
        most=10_000,
        needs_prepare=True,
    )
    scale: int = option(
        "Percent of the specification's items and customers. Below 100 it is quick to load, and it is not TPC-C.",
        default=100,
        label="Scale in percent",
        least=1,
        most=100,
        needs_prepare=True,
    )
    wait: bool = option(
        "Take the specification's keying and think times; 10 terminals a warehouse then finish 13 New-Orders a minute.",
        default=False,
        label="Keying and think times",
    )
    processes: int = option(
        "How many processes drive a node's terminals; each finishes at most some 600 transactions a second.",
        default=1,
        label="Processes",
        least=1,
        most=64,
    )


class Tpcc:
    """Implements `Benchmark` with a driver of distdiag, since no packaged one supports OceanBase."""

    name = "tpcc"
    scripts: Mapping[str, str] = MappingProxyType({"mix": "the five transactions, in the mix of the specification"})
    options: type[Options] = TpccOptions
    types = tuple(kind.value for kind in TransactionType)

    def require(self) -> None:
        """Nothing: the driver is part of distdiag."""

    def check(self, request: WorkloadRequest) -> None:
        """Nothing: every request within the bounds of the options is valid."""

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Create and fill the tables; loaded chunks are kept."""
        wanted = _population(target, request)
        async with AsyncExitStack() as stack:
            databases = [await stack.enter_async_context(target.database()) for _ in range(_LOADERS)]
            await wanted.fill(databases, lambda rows: done(rows, wanted.rows))

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """The number of chunks that are not loaded."""
        async with target.database() as database:
            return await _population(target, request).missing(database)

    async def prepared(self, target: BenchmarkTarget, database: Database) -> tuple[Options, ...]:
        """Number and scale of the warehouses of the node, if they are complete."""
        found = []
        for warehouses, percent in await population.loaded_sizes(database, target.node):
            numbers = WarehouseNumbers(target.cluster_nodes, warehouses)
            with suppress(DataError):
                if not await Population(target.node, numbers, Scale(percent)).missing(database):
                    found.append(TpccOptions(warehouses, percent))
        return tuple(found)

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop the tables, and the schema when no other table is in it."""
        async with target.database() as database:
            await tpcc_schema.drop(database)

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """The driver, with its plan in a pipe."""
        request, options = spec.request, spec.request.options_as(TpccOptions)
        plan = DriverPlan(
            node=spec.node,
            endpoints=dict(spec.endpoints),
            terminals=request.threads,
            processes=options.processes,
            per_s=request.rate,
            percent=options.scale,
            waits=options.wait,
            left_s=spec.left_s,
            run=spec.run,
            results=str(spec.log.with_suffix(".deliveries.log")),
        )
        return ClientProgram(
            (sys.executable, "-m", "distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver", SECRET), plan.encode()
        )

    def figures(self, line: str) -> WorkloadFigures | None:
        """Parse a report line of the driver."""
        return report_line.decode(line)

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """The last line that the driver printed."""
        if status < 0:
            return ClientFailure(f"the driver was ended by signal {-status}")
        last = next((line for line in reversed(lines) if line.strip()), f"the driver ended with status {status}")
        return ClientFailure(last, permanent=status == PERMANENT)

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Check the consistency conditions in the warehouses of the node; incomplete tables are an error."""
        async with target.database() as database:
            if missing := await _population(target, request).missing(database):
                raise DataError(missing, where=target.node, hint="prepare the workload first")
            return await consistency.check(database, _spread(target, request).of(target.node))


def _spread(target: BenchmarkTarget, request: WorkloadRequest) -> WarehouseNumbers:
    return WarehouseNumbers(target.cluster_nodes, request.options_as(TpccOptions).warehouses)


def _population(target: BenchmarkTarget, request: WorkloadRequest) -> Population:
    return Population(target.node, _spread(target, request), Scale(request.options_as(TpccOptions).scale))


BENCHMARKS.register(Tpcc())
