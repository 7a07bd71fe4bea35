"""The loads of a campaign: benchmarks of any kind, each with its level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.campaign import problems
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.workloads.benchmark_options import Options

# The built-in load without clients.
NO_LOAD = "none"


@dataclass(frozen=True, slots=True)
class Load:
    """A level of load, the same on every node.

    Attributes:
        kind: sysbench, tpcc, tpch.
        script: a script of the benchmark; empty for the first one.
        threads: clients a node.
        rate: offered transactions a second and node; 0 for no limit.
        options: options of the benchmark, by name.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    kind: str = "sysbench"
    script: str = ""
    threads: int = 4
    rate: int = 0
    options: dict[str, bool | int | float | str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse unknown benchmarks, scripts and options, and values out of bounds."""
        problems.refuse(
            problems.at_least(1, threads=self.threads), problems.at_least(0, rate=self.rate), self._unknown()
        )

    def __str__(self) -> str:
        """The load in words, as in the `workload` of a case."""
        level = f"{self.threads} threads a node"
        return f"{self.kind} {self._script}, {level}{f', {self.rate}/s' if self.rate else ''}"

    def request(self, nodes: tuple[str, ...], usual: Mapping[str, bool | int | float | str]) -> WorkloadRequest:
        """The workload request on `nodes`; `usual` are defaults of the options of sysbench."""
        return WorkloadRequest(self.kind, self._script, nodes, self.threads, self.rate, options=self._made(usual))

    def tables(self, usual: Mapping[str, bool | int | float | str]) -> tuple[object, ...]:
        """The values of the options that prepare tables; loads of one kind share tables where these are equal."""
        made = self._made(usual)
        return tuple(getattr(made, each.name) for each in benchmark_options.described(type(made)) if each.needs_prepare)

    def _made(self, usual: Mapping[str, bool | int | float | str]) -> Options:
        values = {**usual, **self.options} if self.kind == "sysbench" else self.options
        return benchmark_options.from_values(benchmark_registry.benchmark(self.kind).options, values)

    @property
    def _script(self) -> str:
        return self.script or next(iter(benchmark_registry.benchmark(self.kind).scripts))

    def _unknown(self) -> Iterator[str]:
        try:
            scripts = benchmark_registry.benchmark(self.kind).scripts
            self._made({})
        except ConfigError as error:
            yield str(error)
            return
        if self.script and self.script not in scripts:
            yield f"{self.kind} has no script {quoted(self.script)}; there are {', '.join(scripts)}"
