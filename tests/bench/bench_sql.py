"""What the query of a tick costs the database and the client: `python -m tests.bench.bench_sql [--ticks 200]`.

The real engine of OceanBase on this machine, asked as one node of a cluster is. Its processor time is that of the whole
process while it is asked, less that of a span of the same length in which nobody asks.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.metrics.source import metrics_of, sources_of
from distdiag_core.metrics.sources.sysstat import SysstatSource
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from numpy.typing import NDArray

_WARM_TICKS = 20
_READY_WITHIN_S = 900.0
_EXECUTED = """
    SELECT execute_time / 1000, elapsed_time / 1000 FROM oceanbase.GV$OB_SQL_AUDIT
    WHERE query_sql LIKE 'SELECT name, value, %V$SYSSTAT%' ORDER BY request_time DESC LIMIT """


async def _measure(engine: Engine, ticks: int, interval_s: float) -> None:
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
        idle_s = await _engine_cpu_s(engine, ticks, interval_s)
        trips_ms: list[float] = []
        client_s = 0.0

        async def ask() -> None:
            nonlocal client_s
            begin_s, cpu_s = time.monotonic(), time.process_time()
            await source.read()
            client_s += time.process_time() - cpu_s
            trips_ms.append(1e3 * (time.monotonic() - begin_s))

        asked_s = await _engine_cpu_s(engine, ticks, interval_s, ask)
    executed = np.array(engine.execute(f"{_EXECUTED}{ticks}"), dtype=float)
    rows = {
        "statistics asked for": f"{len(metrics.keys('sysstat'))}",
        "engine, processor time a tick": f"{1e3 * (asked_s - idle_s) / ticks:.2f} ms",
        "engine, idle": f"{1e3 * idle_s / ticks / interval_s:.0f} ms a second",
        "engine, execution (p50, p99)": _spread(executed[:, 0]),
        "engine, parsing and waiting included (p50, p99)": _spread(executed[:, 1]),
        "there and back (p50, p99)": _spread(np.array(trips_ms)),
        "client, processor time a tick": f"{1e3 * client_s / ticks:.2f} ms",
    }
    sys.stdout.write("".join(f"| {what} | {figure} |\n" for what, figure in rows.items()))


async def _engine_cpu_s(
    engine: Engine, ticks: int, interval_s: float, ask: Callable[[], Awaitable[None]] | None = None
) -> float:
    before_s = engine.cpu_s()
    start_s = time.monotonic()
    for tick in range(ticks):
        await asyncio.sleep(start_s + tick * interval_s - time.monotonic())
        if ask is not None:
            await ask()
    await asyncio.sleep(start_s + ticks * interval_s - time.monotonic())
    return engine.cpu_s() - before_s


def _spread(figures_ms: NDArray[np.float64]) -> str:
    return f"{np.percentile(figures_ms, 50):.2f}, {np.percentile(figures_ms, 99):.2f} ms ({len(figures_ms)})"


def main() -> None:
    """Start an engine, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=200)
    parser.add_argument("--interval", type=float, default=0.1, help="seconds from tick to tick")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "engine"
        path.mkdir()
        engine = Engine(path)
        engine.start(_READY_WITHIN_S)
        try:
            asyncio.run(_measure(engine, arguments.ticks, arguments.interval))
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
