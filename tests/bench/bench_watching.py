"""The cost of watching a cluster: its throughput with and without a console that collects, records and diagnoses.

    python tests/bench/bench_watching.py [--cluster lab] [--kind tpcc] [--set scale=10 ...] [--pairs 8] [--seconds 60]

Runs are paired in alternating order, so that drift (growing data, a machine that warms up) affects both sides alike.
The load has no rate limit and runs on all nodes. Where the console shares its processors with the cluster, as in the
lab, its processor time is part of the cost.

Throughputs vary more than the cost. Therefore the accounting of the nodes is printed too: the processor time of the
SSH sessions of the console, and the execution time of its query in the engine each tick.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.models import model_registry
from distdiag_core.operations.workloads import connect_workloads
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState
from tests.bench import node_cost

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.workloads import Workloads
    from tests.bench.node_cost import Accounting

# Not measured: connections are opened and caches are filled.
_TICKS_FIRST = 5
_BUDGET = 0.005


@dataclass(frozen=True, slots=True)
class _Costs:
    """Measured costs of watching, as fractions.

    Attributes:
        throughput: loss of throughput of each pair.
        used: of each watched run and node, of the processor time that the node used.
        collector: of each watched run and node, of one processor.
        engine: of each watched run and node, of one thread of the engine: a question a second.
    """

    throughput: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    collector: list[float] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)


def main() -> None:
    """Run the pairs, and print each, the mean and the spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cluster", default="lab")
    parser.add_argument("--kind", choices=benchmark_registry.names(), default="tpcc")
    parser.add_argument("--script", default="")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="an option of the benchmark")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    wanted = parser.parse_args()
    benchmark = benchmark_registry.benchmark(wanted.kind)
    known = {each.name: each for each in benchmark_options.described(benchmark.options)}
    typed = dict(each.split("=", 1) for each in wanted.set)
    settings = inventory.load(inventory.find(wanted.cluster))
    request = WorkloadRequest(
        kind=wanted.kind,
        script=wanted.script or next(iter(benchmark.scripts)),
        nodes=tuple(node.name for node in settings.nodes),
        threads=wanted.threads,
        duration_s=wanted.seconds,
        options=benchmark_options.from_values(
            benchmark.options, {name: known[name].parse(typed[name]) for name in typed}
        ),
    )
    _tell(asyncio.run(_pairs(settings, request, wanted.pairs)))


async def _pairs(settings: ClusterSettings, request: WorkloadRequest, pairs: int) -> _Costs:
    costs = _Costs()
    async with connect_workloads(settings) as verbs, Cluster(settings) as cluster:
        bench = _Bench(settings, cluster, verbs, request, costs)
        await verbs.prepare(request)
        # The first run after a preparation is an outlier.
        await bench.throughput(watched=False)
        for number in range(pairs):
            order = (False, True) if number % 2 == 0 else (True, False)
            tps = {watched: await bench.throughput(watched=watched) for watched in order}
            costs.throughput.append(1 - tps[True] / tps[False])
            print(  # noqa: T201
                f"pair {number + 1:2}: {tps[False]:8.1f} tps unwatched, {tps[True]:8.1f} watched: "
                f"{100 * costs.throughput[-1]:+.2f} %; by the books {100 * costs.used[-1]:.2f} %",
                flush=True,
            )
    return costs


@dataclass(frozen=True, slots=True)
class _Bench:
    settings: ClusterSettings
    cluster: Cluster
    verbs: Workloads
    request: WorkloadRequest
    costs: _Costs

    async def throughput(self, *, watched: bool) -> float:
        """Transactions per second of one run, on all nodes together."""
        async with AsyncExitStack() as lasting:
            if watched:
                console = await lasting.enter_async_context(
                    Runtime(self.settings, record=True, model=model_registry.load())
                )
                for _ in range(_TICKS_FIRST):
                    await console.next_snapshot()
            before = await self._books()
            started = await self.verbs.start(self.request)
            await asyncio.sleep(self.request.duration_s or 0)
            after = await self._books()
            if watched:
                self._note(before, after)
                self.costs.engine.extend([await node_cost.query_s(node) for node in self.cluster.nodes])
            while await _runs(self.verbs, started.id):  # noqa: ASYNC110 - it waits for other processes
                await asyncio.sleep(0.2)
        run = next(past.run for past in await self.verbs.history() if past.run.id == started.id)
        return sum(node.totals.tps for node in run.nodes.values() if node.totals is not None)

    def _note(self, before: list[Accounting], after: list[Accounting]) -> None:
        for first, last in zip(before, after, strict=True):
            watching_s = last.watching_s - first.watching_s
            self.costs.used.append(watching_s / (last.all_s - first.all_s))
            self.costs.collector.append(watching_s / (last.at_s - first.at_s))

    async def _books(self) -> list[Accounting]:
        return [await node_cost.accounting(node) for node in self.cluster.nodes]


async def _runs(verbs: Workloads, run: str) -> bool:
    return any(each.id == run and each.state is WorkloadState.RUNNING for each in await verbs.statuses())


def _tell(costs: _Costs) -> None:
    of_pairs = costs.throughput
    mean = statistics.mean(of_pairs)
    spread = statistics.stdev(of_pairs) if len(of_pairs) > 1 else math.nan
    error = spread / math.sqrt(len(of_pairs))
    used = f"{100 * statistics.mean(costs.used):.2f} % of what is used there"
    lines = (
        f"cost of watching: {100 * mean:+.2f} % of the throughput (mean of {len(of_pairs)} pairs)",
        f"spread: {100 * spread:.2f} % a pair, {100 * error:.2f} % standard error; budget {100 * _BUDGET} %",
        f"by the books of a node: the collector takes {_ms(costs.collector)} of a processor, {used};",
        f"the question of a tick takes {_ms(costs.engine)} of a thread of the engine",
    )
    print("\n".join(lines))  # noqa: T201


def _ms(shares: list[float]) -> str:
    known = [share for share in shares if not math.isnan(share)] or [math.nan]
    return f"{1000 * statistics.mean(known):.1f} ms (at most {1000 * max(known):.1f} ms) a second"


if __name__ == "__main__":
    main()
