"""Processor time per statement of the TPC-C driver, compared with sysbench on the same engine.

Run it with `python tests/bench/bench_tpcc.py [--seconds N] [--threads N] [--processes N] [--scale PERCENT]`; it starts
a separate engine. Both loads alternate several times, so that other load of the machine affects both. The engine limits
their throughput; the cost of a client is its processor time per statement.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import psutil

from distdiag_core.cluster import password
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import TpccOptions
from distdiag_core.workloads.clients import client_program
from distdiag_core.workloads.clients.run_files import RunDirectory
from distdiag_core.workloads.workload_request import WorkloadRequest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workloads.workload_status import WorkloadFigures

_TURNS = 3
# Caches and plans are cold, and Python processes are still starting.
_WARM_UP_REPORTS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """Measurements of one load.

    Attributes:
        cpu_share: processors that the clients took.
    """

    tps: float
    qps: float
    cpu_share: float
    p95_ms: float


async def _prepare(settings: ClusterSettings, request: WorkloadRequest) -> None:
    target = BenchmarkTarget(settings, password.of_nodes(settings.nodes), "n1", request.nodes)
    await benchmark_registry.benchmark(request.kind).prepare(target, request, lambda _done, _total: None)


async def _turn(settings: ClusterSettings, request: WorkloadRequest, seconds: int) -> Turn:
    benchmark = benchmark_registry.benchmark(request.kind)
    endpoint = await BenchmarkTarget(settings, password.of_nodes(settings.nodes), "n1", request.nodes).endpoint()
    process = await client_program.start(
        benchmark.clients(
            ClientSpec(
                "n1", request, {"n1": endpoint}, None, RunDirectory(settings.name).log("n1", request.kind), "bench"
            )
        )
    )
    try:
        if process.stdout is None:
            raise AssertionError("a process was started without a pipe")
        reports: list[WorkloadFigures] = []
        before_s = 0.0
        async for line in process.stdout:
            report = benchmark.figures(line.decode().strip())
            if report is not None:
                reports.append(report)
            if len(reports) == _WARM_UP_REPORTS:
                before_s = _cpu_s(process.pid)
            if len(reports) == _WARM_UP_REPORTS + seconds:
                break
        took_s = _cpu_s(process.pid) - before_s
    finally:
        await client_program.end(process)
    measured = reports[_WARM_UP_REPORTS:]
    return Turn(
        fmean(each.tps for each in measured),
        fmean(each.qps for each in measured),
        took_s / len(measured),
        fmean(each.p95_ms for each in measured if each.tps),
    )


def _cpu_s(pid: int) -> float:
    """Processor seconds of a program and its child processes."""
    program = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:2]) for each in (program, *program.children(recursive=True)))


async def _compare(settings: ClusterSettings, seconds: int, requests: dict[str, WorkloadRequest]) -> None:
    for request in requests.values():
        await _prepare(settings, request)
    turns: dict[str, list[Turn]] = {name: [] for name in requests}
    for _ in range(_TURNS):
        for name, request in requests.items():
            turns[name].append(await _turn(settings, request, seconds))
    for name, of_name in turns.items():
        tps, qps = fmean(turn.tps for turn in of_name), fmean(turn.qps for turn in of_name)
        cpu, p95_ms = fmean(turn.cpu_share for turn in of_name), fmean(turn.p95_ms for turn in of_name)
        sys.stdout.write(
            f"{name:<20} {tps:5.0f} transactions/s {qps:6.0f} statements/s, p95 {p95_ms:5.0f} ms; the clients take "
            f"{cpu:.2f} processors: {tps / cpu:6.0f} transactions, {qps / cpu:6.0f} statements a processor second\n"
        )


def main() -> None:
    """Run both loads and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=10, help="of each of the turns")
    arguments.add_argument("--threads", type=int, default=8)
    arguments.add_argument("--processes", type=int, default=1)
    arguments.add_argument("--scale", type=int, default=100, metavar="PERCENT")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_STATE_HOME"] = directory
        engine = Engine(Path(directory) / "data")
        engine.start()
        try:
            base = WorkloadRequest(nodes=("n1",), threads=chosen.threads)
            options = TpccOptions(warehouses=1, scale=chosen.scale, processes=chosen.processes)
            requests = {
                "TPC-C": replace(base, kind="tpcc", script="mix", options=options),
                "sysbench read_write": replace(base, options=SysbenchOptions()),
            }
            asyncio.run(_compare(engine.cluster("bench"), chosen.seconds, requests))
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
