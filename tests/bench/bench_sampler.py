"""What collecting costs this machine; run it with `python tests/bench/bench_sampler.py [--lab SECONDS]`.

Without --lab: parsing, rates and frames of 100 nodes whose answers were recorded. With it: the whole sampler at work on
the lab, SSH and SQL included, as a share of one core.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import sources_of
from distdiag_core.metrics.sources import sysstat
from distdiag_core.metrics.sources.host import host_script
from distdiag_core.metrics.sources.host.host_script import Host

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.metrics.source import Reading

_NODES = 100
_TICKS = 20
_ANSWER = (Path(__file__).parents[1] / "metrics" / "sources" / "data" / "host_answer.txt").read_text()
_CATALOGUE = catalogue.load().of(("host", "sysstat"))
_ROWS = [(key, 123_456, 5_000_000) for key in _CATALOGUE.keys("sysstat")]


class Recorded:
    """A source that parses a recorded answer, the clock put forward as on a live node."""

    def __init__(self, name: str, parse: Callable[[], Reading]) -> None:
        self.name = name
        self._parse = parse

    async def read(self) -> Reading:
        """What the answer means."""
        return self._parse()

    async def close(self) -> None:
        """Nothing is held."""


def _parse_host() -> Reading:
    return host_script.parse_answer(_ANSWER, Host(2, "vda", "eth0"))


def _parse_sysstat() -> Reading:
    return sysstat.parse(_ROWS, where="recorded")


def _print_cost(what: str, work: Callable[[], object]) -> None:
    costs_ms = []
    for _ in range(_TICKS):
        began_s = time.process_time()
        for _ in range(_NODES):
            work()
        costs_ms.append(1e3 * (time.process_time() - began_s))
    sys.stdout.write(f"{what:<44} {median(costs_ms):7.2f} ms CPU for {_NODES} nodes\n")


async def _whole_sampler() -> None:
    """Parsing, rates, tasks and frames, without any connection, at a tenth of the usual interval."""
    nodes = {
        f"n{number}": (Recorded("host", _parse_host), Recorded("sysstat", _parse_sysstat)) for number in range(_NODES)
    }
    costs_ms: list[float] = []
    async with Sampler(_CATALOGUE, nodes, interval_s=0.1) as sampler:
        before_s = time.process_time()
        async for _ in sampler:
            costs_ms.append(1e3 * (time.process_time() - before_s))
            before_s = time.process_time()
            if len(costs_ms) > _TICKS:
                break
    sys.stdout.write(f"{'a whole tick, connections apart':<44} {median(costs_ms):7.2f} ms CPU for {_NODES} nodes\n")


async def _on_the_lab(seconds: float) -> None:
    settings = inventory.load(inventory.find("lab"))
    took_ms: list[float] = []
    unknown: list[float] = []
    began_cpu_s = began_s = 0.0
    async with Cluster(settings) as cluster:
        nodes = {
            node.settings.name: sources_of(node.settings, settings, _CATALOGUE, node.shell, node.database)
            for node in cluster.nodes
        }
        async with Sampler(_CATALOGUE, nodes, settings.interval_s) as sampler:
            until_s = time.monotonic() + seconds
            async for frame in sampler:
                if not began_s:  # The first tick waits for the connections.
                    began_cpu_s, began_s = time.process_time(), time.monotonic()
                    continue
                took_ms.append(1e3 * (time.time() - frame.time_s))
                unknown.append(float(np.isnan(frame.values).mean()))
                if time.monotonic() > until_s:
                    break
            share = 100 * (time.process_time() - began_cpu_s) / (time.monotonic() - began_s)
    sys.stdout.write(
        f"the lab's {len(nodes)} nodes every {settings.interval_s:g} s: {share:.2f} % of a core; a tick takes "
        f"{median(took_ms):.0f} ms, p99 {quantiles(took_ms, n=100)[98]:.0f} ms; {100 * median(unknown):.1f} % unknown\n"
    )


def main() -> None:
    """Print all of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lab", type=float, metavar="SECONDS", help="how long to watch the lab")
    seconds = arguments.parse_args().lab
    _print_cost("parse answers of hosts", _parse_host)
    _print_cost("parse answers of databases", _parse_sysstat)
    asyncio.run(_whole_sampler())
    if seconds:
        asyncio.run(_on_the_lab(seconds))


if __name__ == "__main__":
    main()
