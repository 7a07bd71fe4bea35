"""What a kind of benchmark has to be able to do.

A new kind is one file or package in `benchmarks/` that implements `Benchmark` and registers itself; everything else
(starting, keeping going, measuring, ending, history) is the same for all kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.workloads.benchmark_options import Options
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures

# Stands in an argument of the clients for the path of the pipe that they read the secret from.
SECRET = "{secret}"  # noqa: S105 - where a secret goes is none


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How clients reach the database of a node. It travels through pipes, and is never an argument or in a file."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientSpec:
    """What the clients of one node are to do until they end or are ended.

    Attributes:
        request: with threads and rate as they are for this spec, which is what a profile changes over time.
        endpoints: of every node of the request, by name; the clients of a node may have to reach others too.
        left_s: None for until stopped.
        cluster: by name.
        run: the id, the same for all shifts and nodes of a run.
    """

    node: str
    request: WorkloadRequest
    endpoints: Mapping[str, Endpoint]
    left_s: float | None
    cluster: str
    run: str


@dataclass(frozen=True, slots=True)
class ClientProgram:
    """The program that puts load on one node.

    Attributes:
        argv: `{secret}` in an argument becomes the path of a pipe from which `secret` can be read, once.
        secret: everything that nobody may see in a list of processes: the account, for instance.
        patience_s: how long they may finish nothing, with an error or without, before they are taken for stuck and
            started anew.
    """

    argv: tuple[str, ...]
    secret: str = field(default="", repr=False)
    # After a cut the kernel resends ever more seldom; new connections are back long before the old ones. No statement
    # of a short transaction takes this long without either an end or an error: the engine gives up on it after 10 s.
    patience_s: float = 30.0


@dataclass(frozen=True, slots=True)
class ClientFailure:
    """Why clients ended, in words that say what to do.

    Attributes:
        permanent: trying again will not help.
    """

    text: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that a check of what a benchmark left behind has looked at.

    Attributes:
        what: the condition, for instance `3.3.2.1 W_YTD is the sum of D_YTD`.
        detail: what does not hold, for instance the first rows that offend; or what was refused.
    """

    what: str
    holds: bool
    detail: str = ""


class Benchmark(Protocol):
    """A kind of benchmark.

    Attributes:
        name: as on the command line: sysbench, tpcc, tpch.
        scripts: name -> what it does, in one line; the first is the default. A benchmark with one way to run has one.
        options: its own options; `request.options` is one of these.
        types: the types of transaction that its figures are broken down by; empty for none.
    """

    name: str
    scripts: Mapping[str, str]
    options: type[Options]
    types: tuple[str, ...]

    def require(self) -> None:
        """Check whether all that the clients need is installed on this machine.

        Raises:
            ConfigError: it is not; the hint is the command that installs it.
        """

    def check(self, request: WorkloadRequest) -> None:
        """Check whether the request makes sense, beyond the bounds of each option and the names of the nodes.

        Raises:
            ConfigError: it does not.
        """

    async def prepare(
        self, target: BenchmarkTarget, request: WorkloadRequest, done: Callable[[int, int], None]
    ) -> None:
        """Make on one node what the benchmark needs there; it is called for all nodes of the request at once.

        What is there is kept; after an interruption at any moment (cancelled, or killed) the next call goes on. Nodes
        may be independent databases, or show the same tables.

        Args:
            done: hears how many of how many rows are there by now, now and then.

        Raises:
            DistdiagError: it failed.
        """

    async def missing(self, target: BenchmarkTarget, request: WorkloadRequest) -> str:
        """What is not there on the node of what `request` needs, in plain words; empty where all is. Quick."""

    async def cleanup(self, target: BenchmarkTarget, request: WorkloadRequest) -> None:
        """Drop from the node all that `prepare` made there, and nothing else."""

    def clients(self, spec: ClientSpec) -> ClientProgram:
        """The program for a node. It must end when its standard input's other end or its parent dies, or at SIGTERM
        within 0.3 s without losing anything but what it was just doing, and by itself after `left_s`.

        It prints a line a second that `figures` understands, to its standard output.
        """

    def figures(self, line: str) -> WorkloadFigures | None:
        """What a line that the clients print reports; None where it is no report, or a mangled one."""

    def explain(self, lines: Sequence[str], status: int) -> ClientFailure:
        """Why clients ended that printed `lines` (no reports among them), with exit status `status`.

        A negative status is the signal that ended them.
        """

    async def validate(self, target: BenchmarkTarget, request: WorkloadRequest) -> tuple[Finding, ...]:
        """Check whether what the benchmark left on the node is right; no finding where there is nothing to look at."""
