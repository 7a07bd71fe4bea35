"""The OLTP scripts of sysbench as a `Benchmark`."""

from __future__ import annotations

import json
import math
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmark import SECRET, ClientProgram
from distdiag_core.workloads.benchmark_options import Options, option
from distdiag_core.workloads.benchmark_registry import BENCHMARKS
from distdiag_core.workloads.benchmarks.sysbench import sysbench_report, sysbench_tables, tls_files
from distdiag_core.workloads.benchmarks.sysbench.error_messages import explain
from distdiag_core.workloads.benchmarks.sysbench.sysbench_tables import SCHEMA, SysbenchTables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.tls import Tls
    from distdiag_core.workloads.benchmark import ClientFailure, ClientSpec, Finding
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.endpoint import Endpoint
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

_PERCENTILES = Path(__file__).with_name("percentiles.lua")
# Without bulk_insert: it needs tables of the same names with other columns, and fills them until the disk is full.
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
    """Sizes of the tables, and the distribution by which rows are chosen."""

    tables: int = option("How many tables.", default=4, label="Tables", least=1, most=1_000, needs_prepare=True)
    table_size: int = option(
        "How many rows a table.", default=25_000, label="Rows a table", least=1, most=1_000_000_000, needs_prepare=True
    )
    # The default of sysbench, special, concentrates on a few rows, so that its threads block each other.
    distribution: str = option("How rows are chosen.", default="uniform", label="Distribution", choices=_DISTRIBUTIONS)
    skip_trx: bool = option("Let each statement be a transaction of its own.", default=False, label="Skip transactions")
    histogram: bool = option(
        "Let sysbench print the latencies as a histogram into the run's log, when its time is up. There is no 50 % and "
        "99 % latency then.",
        default=False,
        label="Histogram",
    )


class Sysbench:
    """Implements `Benchmark`; distdiag fills the tables itself, because sysbench reports no progress."""

    name = "sysbench"
    scripts: Mapping[str, str] = MappingProxyType(_SCRIPTS)
    options: type[Options] = SysbenchOptions
    types: tuple[str, ...] = ()

    def require(self) -> None:
        """Check for sysbench."""
        if shutil.which("sysbench") is None:
            raise ConfigError("sysbench is not installed here", hint="install it: apt-get install sysbench")

    def check(self, request: WorkloadRequest) -> None:
        """Check that select_random scripts, which divide the rows among the threads, have one for each."""
        options = request.options_as(SysbenchOptions)
        if request.script.startswith("select_random") and options.table_size < request.threads:
            raise ConfigError(f"{request.script} needs at least as many rows a table as threads", where="workload")

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Create and fill the tables; existing rows are kept."""
        async with target.database() as database:
            await _tables(database, request).fill(done)

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """The first table that is missing or incomplete."""
        async with target.database() as database:
            return await _tables(database, request).missing()

    async def prepared(self, target: BenchmarkTarget, database: Database) -> tuple[Options, ...]:
        """Number and size of the tables, which sysbench itself may have made."""
        del target
        return tuple(SysbenchOptions(tables, rows) for tables, rows in await sysbench_tables.sizes(database))

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop the tables, and the schema when no other table is in it."""
        async with target.database() as database:
            await _tables(database, request).drop()

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """sysbench, with the account in its option file, which is a pipe."""
        endpoint = spec.endpoints[spec.node]
        argv, credentials = _argv(spec, endpoint), _credentials(spec.node, endpoint)
        if endpoint.tls is None:
            return ClientProgram(argv, credentials)
        return _by_tls(spec, argv, credentials, endpoint.tls)

    def figures(self, line: str) -> WorkloadFigures | None:
        """Parse a report line of sysbench."""
        return sysbench_report.parse(line)

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """Explain the error messages of sysbench."""
        return explain(lines, status)

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Nothing: the rows are random and have no conditions to check."""
        return ()


def _tables(database: Database, request: WorkloadRequest) -> SysbenchTables:
    options = request.options_as(SysbenchOptions)
    return SysbenchTables(database, options.tables, options.table_size)


def _argv(spec: ClientSpec, endpoint: Endpoint) -> tuple[str, ...]:
    request, options = spec.request, spec.request.options_as(SysbenchOptions)
    # percentiles.lua resets the histogram each second, so that sysbench would print an empty one at its end.
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
        # The engine limits prepared statements; these scripts use one for each thread, table and statement.
        "--db-ps-mode=disable",
        # Anomalies cause errors of all kinds, which are counted while the clients continue.
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


def _by_tls(spec: ClientSpec, argv: tuple[str, ...], credentials: str, tls: Tls) -> ClientProgram:
    """sysbench with its certificates.

    It checks the authority, and not the name of the host: that is checked by distdiag when the load is started.
    """
    if not tls.client:
        raise ConfigError(
            "sysbench connects by TLS only with a client certificate",
            where=spec.node,
            hint="set sql.tls.cert and sql.tls.key; tpcc and tpch need none",
        )
    if not tls.ca:
        raise ConfigError(
            "sysbench verifies certificates only by a file of the authority", where=spec.node, hint="set sql.tls.ca"
        )
    texts = {"options": credentials, "ca": tls.ca, "cert": tls.client, "key": tls.client}
    with_options = [each.replace(SECRET, tls_files.OPTIONS) for each in argv]
    program = (sys.executable, "-m", tls_files.__name__, SECRET, str(spec.log.with_suffix(".tls")))
    return ClientProgram((*program, *with_options, "--mysql-ssl=on"), json.dumps(texts))


def _switch(value: bool) -> str:  # noqa: FBT001 - the only argument
    return "on" if value else "off"


def _credentials(node: str, endpoint: Endpoint) -> str:
    user, password = _quoted(node, "user", endpoint.user), _quoted(node, "password", endpoint.password)
    return f"mysql-user={user}\nmysql-password={password}\n"


def _quoted(node: str, what: str, value: str) -> str:
    """`value` quoted for the option file of sysbench, which has no escape character."""
    quote = "'" if "'" not in value else '"'
    if quote in value or "\n" in value:
        text = f"sysbench cannot be told a {what} with both kinds of quotes or a line break"
        raise ConfigError(text, where=node, hint=f"use a SQL account with another {what}")
    return f"{quote}{value}{quote}"


BENCHMARKS.register(Sysbench())
