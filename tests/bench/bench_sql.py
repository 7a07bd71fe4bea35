"""What the query of a tick costs the database and the client: `python -m tests.bench.bench_sql [--ticks 300]`.

The real engine of OceanBase on this machine, asked as one node of a cluster is, again as soon as it has answered. Its
processor time is that of the whole process while it is asked, less what it uses in spans in which nobody asks.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.metrics.source import metrics_of, sources_of
from distdiag_core.metrics.sources.sysstat import SysstatSource
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WARM_TICKS, _BLOCKS, _IDLE_S = 20, 10, 2.0
_READY_WITHIN_S = 900.0
_EXECUTED = """
    SELECT execute_time / 1000, elapsed_time / 1000 FROM oceanbase.GV$OB_SQL_AUDIT
    WHERE query_sql LIKE '%time_to_usec(utc_timestamp(6))%SYSSTAT%' AND query_sql NOT LIKE '%AUDIT%'
    ORDER BY request_time DESC LIMIT """


async def _measure(engine: Engine, ticks: int) -> None:
    settings = engine.cluster("engine")
    metrics = metrics_of(("sysstat",))
    async with Cluster(settings) as cluster:
        node = cluster.nodes[0]
        (source,) = (
            each
            for each in sources_of(node.settings, settings, metrics, node.shell, node.database)
            if isinstance(each, SysstatSource)
        )
        for _ in range(_WARM_TICKS):
            await source.read()
        costs_ms: list[float] = []
        trips_ms: list[float] = []
        client_s = 0.0
        for _ in range(_BLOCKS):
            idle = await _engine_load(engine)
            begin_s, engine_s, cpu_s = time.monotonic(), engine.cpu_s(), time.process_time()
            for _ in range(ticks // _BLOCKS):
                asked_s = time.monotonic()
                await source.read()
                trips_ms.append(1e3 * (time.monotonic() - asked_s))
            client_s += time.process_time() - cpu_s
            used_s = engine.cpu_s() - engine_s - idle * (time.monotonic() - begin_s)
            costs_ms.append(1e3 * used_s / (ticks // _BLOCKS))
    # The audit may be off.
    executed = np.array(engine.execute(f"{_EXECUTED}{ticks}"), dtype=float).reshape(-1, 2)
    rows = {
        "statistics asked for": f"{len(metrics.keys('sysstat'))}",
        "engine, processor time a tick (median of blocks, least, most)": (
            f"{median(costs_ms):.2f}, {min(costs_ms):.2f}, {max(costs_ms):.2f} ms"
        ),
        "engine, execution (p50, p99)": _spread(executed[:, 0]),
        "engine, parsing and waiting included (p50, p99)": _spread(executed[:, 1]),
        "there and back (p50, p99)": _spread(np.array(trips_ms)),
        "client, processor time a tick": f"{1e3 * client_s / ticks:.2f} ms",
    }
    sys.stdout.write("".join(f"| {what} | {figure} |\n" for what, figure in rows.items()))


async def _engine_load(engine: Engine) -> float:
    """Processors that the engine uses while nobody asks."""
    before_s, begin_s = engine.cpu_s(), time.monotonic()
    await asyncio.sleep(_IDLE_S)
    return (engine.cpu_s() - before_s) / (time.monotonic() - begin_s)


def _spread(figures_ms: NDArray[np.float64]) -> str:
    if not figures_ms.size:
        return "unknown"
    return f"{np.percentile(figures_ms, 50):.2f}, {np.percentile(figures_ms, 99):.2f} ms ({len(figures_ms)})"


def main() -> None:
    """Start an engine, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "engine"
        path.mkdir()
        engine = Engine(path)
        engine.start(_READY_WITHIN_S)
        try:
            asyncio.run(_measure(engine, arguments.ticks))
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
