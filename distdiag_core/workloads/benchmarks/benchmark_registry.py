"""The benchmarks that there are."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.benchmark import Benchmark

# Name -> module, and in it the class; imported when it is asked for, so that starting stays fast.
_KINDS = {
    "sysbench": ("distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark", "Sysbench"),
    "tpcc": ("distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark", "Tpcc"),
    "tpch": ("distdiag_core.workloads.benchmarks.tpch.tpch_benchmark", "Tpch"),
}

NAMES = tuple(_KINDS)


@cache
def benchmark(name: str) -> Benchmark:
    """The benchmark called `name`.

    Raises:
        ConfigError: there is none.
    """
    if name not in _KINDS:
        raise ConfigError(f"no workload is called {name!r}", hint=f"there are {', '.join(NAMES)}")
    module, kind = _KINDS[name]
    made: Benchmark = getattr(import_module(module), kind)()
    return made
