"""The protocol of a benchmark, and the values that it exchanges with clients/ and control/.

A new benchmark is one module or package that implements `Benchmark` and is registered; starting, supervising,
measuring, stopping and recording its runs is the same for all benchmarks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from distdiag_core.cluster.database import Database
    from distdiag_core.workloads.benchmark_options import Options
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.endpoint import Endpoint
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

# Placeholder in an argument of a client program for the path of the pipe that it reads its secret from.
SECRET = "{secret}"  # noqa: S105 - a placeholder, no secret


@dataclass(frozen=True, slots=True)
class ClientSpec:
    """Load and endpoints of the client program of one node, from its start to its end.

    Attributes:
        request: with the threads and rate of the current step of the load profile.
        endpoints: of every node of the request, by name; clients of one node may have to reach the others too.
        left_s: remaining seconds; None for until stopped.
        log: where the supervisor writes the output of the clients; further files of the clients lie beside it.
        run: the id of the run, the same on all nodes and whenever the clients are started again.
    """

    node: str
    request: WorkloadRequest
    endpoints: Mapping[str, Endpoint]
    left_s: float | None
    log: Path
    run: str


@dataclass(frozen=True, slots=True)
class ClientProgram:
    """Command of the program that puts load on one node.

    Attributes:
        argv: `{secret}` in an argument becomes the path of a pipe from which `secret` can be read once.
        secret: text that must not show in a list of processes, for instance the SQL account.
        patience_s: seconds without a finished query or an error after which the program is restarted.
    """

    argv: tuple[str, ...]
    secret: str = field(default="", repr=False)
    # After a partition the kernel retransmits at growing intervals, so that new connections work long before the old
    # ones. Short transactions end or fail within this time: the engine times out after 10 s.
    patience_s: float = 30.0


@dataclass(frozen=True, slots=True)
class ClientFailure:
    """Why a client program ended, in words that say what to do.

    Attributes:
        permanent: a restart will not help.
    """

    text: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of checking one condition on the tables of a benchmark.

    Attributes:
        what: the condition, for instance `3.3.2.1 W_YTD is the sum of D_YTD`.
        detail: the violation, for instance the first offending rows; or the error of the database.
    """

    what: str
    holds: bool
    detail: str = ""


class Benchmark(Protocol):
    """A benchmark.

    Attributes:
        name: as on the command line: sysbench, tpcc, tpch.
        scripts: variants of the load, by name, with a description of one line; the first is the default.
        options: class of `request.options`.
        types: transaction types that its figures are broken down by; empty for none.
    """

    name: str
    scripts: Mapping[str, str]
    options: type[Options]
    types: tuple[str, ...]

    def require(self) -> None:
        """Check that the programs which the clients need are installed on this machine.

        Raises:
            ConfigError: one is missing; the hint is the command that installs it.
        """

    def check(self, request: WorkloadRequest) -> None:
        """Check the request beyond the bounds of single options and the names of the nodes.

        Raises:
            ConfigError: the request is contradictory.
        """

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Create and fill the tables of the benchmark on one node; called for all nodes of the request concurrently.

        Existing rows are kept; after an interruption at any moment (cancelled or killed) the next call resumes. Nodes
        may be independent databases or share their tables.

        Args:
            done: called from time to time with the number of rows that are loaded, and of all rows.

        Raises:
            DistdiagError: the tables could not be filled.
        """

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """What the tables on the node lack, in plain words; empty where they are complete. Quick."""

    async def prepared(self, target: BenchmarkTarget, database: Database) -> tuple[Options, ...]:
        """The options whose tables are on the node, whoever prepared them; other options are as usual. Quick.

        Args:
            database: a connection to the node.

        Raises:
            DistdiagError: the database does not answer.
        """

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop the tables that `prepare` created on the node, and nothing else."""

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """The client program for a node.

        It must end with its parent, at SIGTERM within 0.3 s, and by itself after `left_s`; its unfinished transactions
        are lost then. Each second it prints a line to its standard output that `figures` parses.
        """

    def figures(self, line: str) -> WorkloadFigures | None:
        """Parse a line of the output of the clients; None where it is no report, or a damaged one."""

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """Explain the end of a client program from the last `lines` that it printed, without reports, and its status.

        A negative status is the signal that killed it.
        """

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Check the consistency of the tables on the node; empty where the benchmark has no conditions to check."""
