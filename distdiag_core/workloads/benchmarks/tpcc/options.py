"""What TPC-C can be told beyond threads, which are its terminals, rate and time."""

from __future__ import annotations

from dataclasses import dataclass

from distdiag_core.workloads.benchmark_options import Options, option


@dataclass(frozen=True, slots=True)
class TpccOptions(Options):
    """The sizes of the tables, and how the terminals are driven."""

    warehouses: int = option(
        "How many warehouses a node; each takes some 100 MB.",
        default=1,
        label="Warehouses a node",
        least=1,
        most=10_000,
        needs_prepare=True,
    )
    scale: int = option(
        "Percent of the specification's items and customers. Below 100 it is quick to load, and it is not TPC-C.",
        default=100,
        label="Scale in percent",
        least=1,
        most=100,
        needs_prepare=True,
    )
    wait: bool = option(
        "Take the specification's keying and think times; 10 terminals a warehouse then finish 13 New-Orders a minute.",
        default=False,
        label="Keying and think times",
    )
    processes: int = option(
        "How many processes drive a node's terminals; each finishes at most some 600 transactions a second.",
        default=1,
        label="Processes",
        least=1,
        most=64,
    )
