"""The registry of benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.settings.registry import Registry

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark import Benchmark

BENCHMARKS: Registry[Benchmark] = Registry(
    "workload", package="distdiag_core.workloads.benchmarks", module="benchmark", group="distdiag.benchmarks"
)


def names() -> tuple[str, ...]:
    """The names of all benchmarks; none of them is imported for that."""
    return BENCHMARKS.names()


def benchmark(name: str) -> Benchmark:
    """The benchmark called `name`.

    Raises:
        ConfigError: there is none.
    """
    return BENCHMARKS.get(name)
