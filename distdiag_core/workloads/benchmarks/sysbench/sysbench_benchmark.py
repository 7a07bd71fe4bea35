"""sysbench's OLTP scripts as a `Benchmark`."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmark import SECRET, ClientProgram
from distdiag_core.workloads.benchmark_options import Options, option
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.benchmarks.sysbench import sysbench_report
from distdiag_core.workloads.benchmarks.sysbench.error_messages import explain
from distdiag_core.workloads.benchmarks.sysbench.sysbench_tables import SCHEMA, SysbenchTables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmark import ClientFailure, ClientSpec, Endpoint, Finding
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

_PERCENTILES = Path(__file__).with_name("percentiles.lua")
# bulk_insert is left out: it wants tables of the same names with other columns, and fills them until the disk is full.
_SCRIPTS = {
    "oltp_read_write": "a mix of reads by key and by range, updates, a delete and an insert",
    "oltp_read_only": "reads by key and by range",
    "oltp_write_only": "updates, a delete and an insert",
    "oltp_point_select": "one row by its key",
    "oltp_insert": "one new row; the tables grow",
    "oltp_delete": "one row less; the tables shrink",
    "oltp_update_index": "one row, in a column with an index",
    "oltp_update_non_index": "one row, in a column without an index",
    "select_random_points": "ten rows by an index, one by one",
    "select_random_ranges": "ten ranges of an index",
}
_DISTRIBUTIONS = ("uniform", "gaussian", "special", "pareto", "zipfian")


@dataclass(frozen=True, slots=True)
class SysbenchOptions(Options):
    """The sizes of the tables, and how their rows are chosen."""

    tables: int = option("How many tables.", default=4, label="Tables", least=1, most=1_000, needs_prepare=True)
    table_size: int = option(
        "How many rows a table.", default=25_000, label="Rows a table", least=1, most=1_000_000_000, needs_prepare=True
    )
    # sysbench's own default, special, keeps hitting a few rows, so that its threads lock each other out by themselves.
    distribution: str = option("How rows are chosen.", default="uniform", label="Distribution", choices=_DISTRIBUTIONS)
    skip_trx: bool = option("Let each statement be a transaction of its own.", default=False, label="Skip transactions")
    histogram: bool = option(
        "Let sysbench print the latencies as a histogram into the run's log, when its time is up. There is no 50 % and "
        "99 % latency then.",
        default=False,
        label="Histogram",
    )


class Sysbench:
    """Implements `Benchmark`; the tables are made by us, with progress, and not by sysbench."""

    name = "sysbench"
    scripts: Mapping[str, str] = MappingProxyType(_SCRIPTS)
    options: type[Options] = SysbenchOptions
    types: tuple[str, ...] = ()

    def require(self) -> None:
        """Check for sysbench."""
        if shutil.which("sysbench") is None:
            raise ConfigError("sysbench is not installed here", hint="install it: apt-get install sysbench")

    def check(self, request: WorkloadRequest) -> None:
        """Threads that share out the rows must get one each."""
        options = request.options_as(SysbenchOptions)
        if request.script.startswith("select_random") and options.table_size < request.threads:
            raise ConfigError(f"{request.script} needs at least as many rows a table as threads", where="workload")

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Create and fill the tables; what is there is kept."""
        async with target.database() as database:
            await _tables(database, request).fill(done)

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """The first table that is not there, or not full."""
        async with target.database() as database:
            return await _tables(database, request).missing()

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop the tables, and the database when nothing else is in it."""
        async with target.database() as database:
            await _tables(database, request).drop()

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """sysbench, with what nobody may see in its option file."""
        endpoint = spec.endpoints[spec.node]
        return ClientProgram(_argv(spec, endpoint), _secret(spec.node, endpoint))

    def figures(self, line: str) -> WorkloadFigures | None:
        """sysbench's report of a second."""
        return sysbench_report.parse(line)

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """What sysbench complained about."""
        return explain(lines, status)

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Its rows are random: there is nothing that could be wrong about them."""
        return ()


def _tables(database: Database, request: WorkloadRequest) -> SysbenchTables:
    options = request.options_as(SysbenchOptions)
    return SysbenchTables(database, options.tables, options.table_size)


def _argv(spec: ClientSpec, endpoint: Endpoint) -> tuple[str, ...]:
    request, options = spec.request, spec.request.options_as(SysbenchOptions)
    # With our percentiles there would be nothing in the histogram that it prints at its end.
    script = (request.script,) if options.histogram else (str(_PERCENTILES),)
    return (
        "env",
        f"DISTDIAG_SCRIPT={request.script}",
        "sysbench",
        *script,
        "run",
        f"--config-file={SECRET}",
        f"--mysql-host={endpoint.host}",
        f"--mysql-port={endpoint.port}",
        f"--mysql-db={SCHEMA}",
        # The engine's prepared statements are limited, and these scripts want one for each thread, table and statement.
        "--db-ps-mode=disable",
        # An anomaly makes errors of all kinds; they are counted, and the clients go on.
        "--mysql-ignore-errors=all",
        "--report-interval=1",
        f"--time={0 if spec.left_s is None else max(1, math.ceil(spec.left_s))}",
        f"--threads={request.threads}",
        f"--rate={request.rate}",
        f"--tables={options.tables}",
        f"--table-size={options.table_size}",
        f"--rand-type={options.distribution}",
        f"--skip-trx={_switch(options.skip_trx)}",
        f"--histogram={_switch(options.histogram)}",
    )


def _switch(value: bool) -> str:  # noqa: FBT001 - it is all that there is
    return "on" if value else "off"


def _secret(node: str, endpoint: Endpoint) -> str:
    user, password = _quoted(node, "user", endpoint.user), _quoted(node, "password", endpoint.password)
    return f"mysql-user={user}\nmysql-password={password}\n"


def _quoted(node: str, what: str, value: str) -> str:
    """`value` for sysbench's option file, where a quoted text goes to the next quote of the same kind."""
    quote = "'" if "'" not in value else '"'
    if quote in value or "\n" in value:
        trouble = f"sysbench cannot be told a {what} with both kinds of quotes or a line break"
        raise ConfigError(trouble, where=node, hint=f"use a SQL account with another {what}")
    return f"{quote}{value}{quote}"


BENCHMARKS.register(Sysbench())
