"""How long `distdiag clear --all` takes, start of the program included, while every node is in trouble and under load.

Run it with `python tests/bench/bench_clear.py [ROUNDS] [--config FILE]`; without a file: on the lab.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.cluster import inventory
from distdiag_core.operations.connect_injections import connect_injections
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings

_TROUBLE = ("cpu_stress", "io_stress")
_PROGRAM = "from distdiag_tui.main import main; main()"


def _clear(config: Path) -> tuple[float, float, int]:
    """Seconds as seen from outside and as the verb counts them, and how many were ended."""
    began_s = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "--config", str(config), "clear", "--all", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(ended.stdout)
    return time.monotonic() - began_s, answer["seconds"], len(answer["injections"])


async def _round(settings: ClusterSettings, config: Path) -> float:
    nodes = tuple(node.name for node in settings.nodes)
    async with connect_injections(settings, catalogue.load()) as verbs:
        for anomaly in _TROUBLE:
            await verbs.inject(await verbs.plan(InjectionRequest(anomaly, nodes, "high", 300)))
    took_s, counted_s, ended = await asyncio.to_thread(_clear, config)
    sys.stdout.write(f"{ended} injections on {len(nodes)} nodes: {took_s:.2f} s, {counted_s:.2f} s by its own count\n")
    return took_s


async def _main(rounds: int, config: Path) -> None:
    settings = inventory.load(config)
    request = WorkloadRequest(nodes=tuple(node.name for node in settings.nodes))
    async with Runtime(settings, sampling=False) as runtime:
        await runtime.workloads.prepare(request)
        await runtime.workloads.start(request)
        try:
            times_s = [await _round(settings, config) for _ in range(rounds)]
        finally:
            await runtime.injections.clear_all(60)
            await runtime.workloads.stop()
    sys.stdout.write(f"median {median(times_s):.2f} s, longest {max(times_s):.2f} s\n")


def main() -> None:
    """Print a line a round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--config", type=Path)
    arguments = parser.parse_args()
    asyncio.run(_main(arguments.rounds, arguments.config or inventory.find("lab")))


if __name__ == "__main__":
    main()
