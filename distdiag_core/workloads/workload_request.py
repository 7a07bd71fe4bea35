"""What is asked of a benchmark run: which benchmark, on which nodes, with how much load and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from distdiag_core.workloads.benchmark_options import Options

T = TypeVar("T", bound=Options)


@dataclass(frozen=True, slots=True)
class WorkloadRequest:
    """One benchmark on some nodes.

    Attributes:
        kind: name of the benchmark in `benchmarks/benchmark_registry.py`.
        script: one of the scripts of the benchmark, for instance `oltp_read_write`.
        nodes: names of the nodes; each gets a client program.
        threads: concurrent clients per node.
        rate: offered transactions per second and node; 0 for no limit.
        duration_s: None for until stopped.
        profile: name of a load profile in `control/profiles.py`, which then sets threads and rate; empty for none.
        generators: names of the load hosts that share the load; empty for those of the cluster file.
        options: options class of the benchmark; plain `Options()` stands for the defaults of all of them.
    """

    kind: str = "sysbench"
    script: str = "oltp_read_write"
    nodes: tuple[str, ...] = ()
    threads: int = 4
    rate: int = 0
    duration_s: float | None = None
    profile: str = ""
    options: Options = field(default_factory=Options)
    generators: tuple[str, ...] = ()

    def options_as(self, kind: type[T]) -> T:
        """`options` as an instance of `kind`, the options class of the benchmark.

        Raises:
            TypeError: they are the options of another benchmark.
        """
        if type(self.options) is Options:
            return kind()
        if not isinstance(self.options, kind):
            raise TypeError(f"options of {self.kind} are {type(self.options).__name__}")
        return self.options
