"""What sysbench can be told beyond threads, rate and time."""

from __future__ import annotations

from dataclasses import dataclass

from distdiag_core.workloads.benchmark_options import Options, option

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
