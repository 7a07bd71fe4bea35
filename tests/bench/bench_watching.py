"""What it costs a cluster to be watched: throughput with and without a console that collects, records and diagnoses.

    python tests/bench/bench_watching.py [--cluster lab] [--kind tpcc] [--set scale=10 ...] [--pairs 8] [--seconds 60]

Runs are paired and alternate in their order, so that what drifts (data that grows, a machine that warms up) falls on
both sides alike. The load goes as fast as the database does, on all nodes at once. Where the console shares its
processors with the cluster, as on the lab, what it takes from them is a part of the cost.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from distdiag_core import models
from distdiag_core.cluster import inventory
from distdiag_core.runtime import Runtime
from distdiag_core.workload_verbs import loading
from distdiag_core.workloads import kinds, options
from distdiag_core.workloads.workload import WorkloadRequest, WorkloadState

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workload_verbs import WorkloadVerbs

# Connections are made and caches are filled before anything counts; the clients of both sides do the same.
_TICKS_FIRST = 5
_BUDGET = 0.005


def main() -> None:
    """Print each pair, then the mean and the spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cluster", default="lab")
    parser.add_argument("--kind", choices=kinds.NAMES, default="tpcc")
    parser.add_argument("--script", default="")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="an option of the benchmark")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    wanted = parser.parse_args()
    benchmark = kinds.benchmark(wanted.kind)
    known = {each.name: each for each in options.described(benchmark.options)}
    typed = dict(each.split("=", 1) for each in wanted.set)
    settings = inventory.load(inventory.find(wanted.cluster))
    request = WorkloadRequest(
        kind=wanted.kind,
        script=wanted.script or next(iter(benchmark.scripts)),
        nodes=tuple(node.name for node in settings.nodes),
        threads=wanted.threads,
        duration_s=wanted.seconds,
        options=options.from_values(benchmark.options, {name: known[name].parse(typed[name]) for name in typed}),
    )
    _tell(asyncio.run(_pairs(settings, request, wanted.pairs)))


async def _pairs(settings: ClusterSettings, request: WorkloadRequest, pairs: int) -> list[float]:
    """For each pair the share of the throughput that watching costs."""
    costs: list[float] = []
    async with loading(settings) as verbs:
        await verbs.prepare(request)
        # The first run after a preparation is like no other.
        await _throughput(settings, verbs, request, watched=False)
        for number in range(pairs):
            order = (False, True) if number % 2 == 0 else (True, False)
            tps = {watched: await _throughput(settings, verbs, request, watched=watched) for watched in order}
            costs.append(1 - tps[True] / tps[False])
            print(  # noqa: T201
                f"pair {number + 1:2}: {tps[False]:8.1f} tps unwatched, {tps[True]:8.1f} watched: "
                f"{100 * costs[-1]:+.2f} %",
                flush=True,
            )
    return costs


async def _throughput(
    settings: ClusterSettings, verbs: WorkloadVerbs, request: WorkloadRequest, *, watched: bool
) -> float:
    """Transactions a second on all nodes together, over one run."""
    async with AsyncExitStack() as lasting:
        if watched:
            console = await lasting.enter_async_context(Runtime(settings, record=True, model=models.load()))
            for _ in range(_TICKS_FIRST):
                await console.next_snapshot()
        started = await verbs.start(request)
        await asyncio.sleep(request.duration_s or 0)
        while await _runs(verbs, started.id):  # noqa: ASYNC110 - it waits for other processes
            await asyncio.sleep(0.2)
    run = next(past.run for past in await verbs.history() if past.run.id == started.id)
    return sum(node.totals.tps for node in run.nodes.values() if node.totals is not None)


async def _runs(verbs: WorkloadVerbs, run: str) -> bool:
    return any(each.id == run and each.state is WorkloadState.RUNNING for each in await verbs.statuses())


def _tell(costs: list[float]) -> None:
    mean = statistics.mean(costs)
    spread = statistics.stdev(costs) if len(costs) > 1 else math.nan
    error = spread / math.sqrt(len(costs))
    print(f"cost of watching: {100 * mean:+.2f} % (mean of {len(costs)} pairs)")  # noqa: T201
    print(f"spread: {100 * spread:.2f} % a pair, {100 * error:.2f} % standard error; budget {100 * _BUDGET} %")  # noqa: T201


if __name__ == "__main__":
    main()
