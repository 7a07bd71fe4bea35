"""TPC-H as a `Benchmark`.

After the TPC Benchmark H specification, revision 3.0.1: tables and data, queries with their parameters, the power test
(clause 5.3.3) and the throughput test (5.3.4). Without the refresh functions (2.5), and therefore without the metrics
of clause 5.4: the time of each query and the geometric mean of each round are reported. It is no TPC result.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmark import SECRET, ClientFailure, ClientProgram
from distdiag_core.workloads.benchmark_options import Options, option
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.benchmarks.tpch import generated_data, queries, query_parameters, table_loader
from distdiag_core.workloads.benchmarks.tpch.answer_validation import validated
from distdiag_core.workloads.benchmarks.tpch.query_meter import type_name
from distdiag_core.workloads.benchmarks.tpch.stream_plan import StreamPlan
from distdiag_core.workloads.benchmarks.tpch.table_loader import TableLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmark import ClientSpec, Finding
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

_SPARE_S = 30.0
_POWER, _THROUGHPUT = "power", "throughput"
_SCRIPTS = {
    _THROUGHPUT: "a stream of queries for each thread, all at once",
    _POWER: "one stream, whatever the number of threads, in the order of the power test",
}


@dataclass(frozen=True, slots=True)
class TpchOptions(Options):
    """Scale factor of the data, and parameters and time-out of the queries."""

    scale: float = option(
        "The scale factor: 1 is about 1 GB and 8.7 million rows.",
        default=0.1,
        label="Scale factor",
        least=0.01,
        most=1_000,
        needs_prepare=True,
    )
    seed: int = option(
        "The parameters of the queries are drawn from it: the same seed asks the same.",
        default=1,
        label="Seed",
        least=0,
    )
    query_timeout: int = option(
        "Seconds after which a query is given up.",
        default=120,
        label="Time-out of a query",
        least=1,
        most=86_400,
        for_check=True,
    )

    @property
    def scale_factor(self) -> Decimal:
        """The scale factor as an exact decimal."""
        return Decimal(str(self.scale))


class Tpch:
    """Implements `Benchmark`."""

    name = "tpch"
    scripts: Mapping[str, str] = MappingProxyType(_SCRIPTS)
    options: type[Options] = TpchOptions
    types = tuple(type_name(query) for query in queries.NUMBERS)

    def require(self) -> None:
        """Nothing: the driver is part of distdiag, and only preparing needs the generator."""

    def check(self, request: WorkloadRequest) -> None:
        """Nothing: every request within the bounds of the options is valid."""

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Generate the data files and load them; existing files and rows are kept."""
        async with target.database() as database:
            loading = TableLoader(database, request.options_as(TpchOptions).scale_factor)
            if not await loading.missing():
                rows = await loading.rows()
                done(rows, rows)
                return
            await loading.fill(await generated_data.provide(request.options_as(TpchOptions).scale_factor), done)

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """The first table that is missing or incomplete."""
        async with target.database() as database:
            return await TableLoader(database, request.options_as(TpchOptions).scale_factor).missing()

    async def prepared(self, target: BenchmarkTarget, database: Database) -> tuple[Options, ...]:
        """The scale factors whose tables were completed."""
        del target
        return tuple(TpchOptions(float(scale)) for scale in await table_loader.completed_scales(database))

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop the tables of the scale factor, and their schema when no other table is in it; the files are kept."""
        async with target.database() as database:
            await TableLoader(database, request.options_as(TpchOptions).scale_factor).drop()

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """The driver, with its plan in a pipe."""
        request, options = spec.request, spec.request.options_as(TpchOptions)
        plan = StreamPlan(
            spec.node,
            spec.endpoints[spec.node],
            str(options.scale_factor),
            (0,) if request.script == _POWER else tuple(range(1, request.threads + 1)),
            options.seed,
            options.query_timeout,
            request.rate,
            spec.left_s,
        )
        return ClientProgram(
            (sys.executable, "-m", "distdiag_core.workloads.benchmarks.tpch.tpch_driver", SECRET, spec.node),
            plan.encode(),
            # The driver itself enforces the time-out of a query.
            patience_s=options.query_timeout + _SPARE_S,
        )

    def figures(self, line: str) -> WorkloadFigures | None:
        """Parse a report line of the driver."""
        return report_line.decode(line)

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """The permanent failure that the driver printed, or its last line."""
        for line in reversed(lines):
            with suppress(ValueError, TypeError, KeyError):
                return ClientFailure(str(json.loads(line)["hopeless"]), permanent=True)
        if status < 0:
            return ClientFailure(f"the driver was ended by signal {-status}")
        return ClientFailure(f"the driver ended with status {status}" + (f": {lines[-1]}" if lines else ""))

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Compare the answers to the 22 queries, with the validation parameters, with those of DuckDB."""
        options = request.options_as(TpchOptions)
        data = await generated_data.provide(options.scale_factor)
        async with target.database() as database:
            return await validated(
                database, data, query_parameters.of_validation(options.scale_factor), timeout_s=options.query_timeout
            )


BENCHMARKS.register(Tpch())
