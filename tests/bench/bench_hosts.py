"""What many nodes cost, and how steadily they are read: `python -m tests.bench.bench_hosts [--faults] [COUNT ...]`.

Real sshds on loopback, each with a host key of its own, and the real program of the source `host` on each, or with
--recorded a text of such a program. The figures of the client are those of this process alone; those of a node are of
its sshd and of what it runs. Where others have the processors, ticks come late: how long this process waited for one
is printed beside how late they came.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import psutil

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.status import LinkState
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import connections_of, metrics_of, sources_of
from distdiag_core.runtime.runtime import Runtime
from tests.bench.ssh_hosts import Fleet, hosts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.metrics.frame import Frame

    Listener = Callable[[NodeStatus], None]

_SETTLING_TICKS, _REPORT_TICKS = 10, 60
_CONNECTED_WITHIN_S = 900.0
_FROZEN_EVERY_S, _FROZEN_FOR_S = 600.0, 120.0
_MIB = 2**20
_COLUMNS = (
    "nodes",
    "connected, s (p50, last)",
    "ms CPU to connect one",
    "tick there after ms (p50, p99, most)",
    "the same while hosts are frozen",
    "ms CPU a tick",
    "ms a tick waited for a processor (p50)",
    "sound nodes answered, %",
    "MiB (each tenth of the time)",
    "open files (begin, most, end)",
    "ms CPU of a node a second",
    "ticks",
)


@dataclass
class Figures:
    """What was measured of one fleet; of sound nodes, where nothing else is said.

    Attributes:
        up_s: how long after the start each node was connected.
        connect_cpu_s: processor time of the client until the last of them was.
        late_ms: of each tick, how long after its due time its frame was there.
        frozen_late_ms: the same of ticks while some hosts were frozen, but for those of the first seconds.
        cpu_ms: of each tick, the processor time of the client.
        waited_ms: of each tick, how long the client waited for a processor that others had.
        answered: of each tick, the share of the nodes that answered.
        memory_mib: of the client, at each tick.
        open_files: of the client, at each tick; sockets among them.
        node_ms: of each node and second, the processor time of its sshd and programs.
    """

    up_s: dict[str, float] = field(default_factory=dict)
    connect_cpu_s: float = 0.0
    late_ms: list[float] = field(default_factory=list)
    frozen_late_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    open_files: list[int] = field(default_factory=list)
    node_ms: float = 0.0


class Freezing:
    """Hosts that are frozen in the last two minutes of each ten: connected, and silent."""

    def __init__(self, fleet: Fleet, names: Sequence[str], begin_s: float) -> None:
        self._fleet, self._names, self._begin_s = fleet, names, begin_s
        self._frozen, self._changed_s = False, -math.inf

    def step(self) -> bool | None:
        """Freeze or thaw, as it is time; whether they are frozen, and None for a while after either."""
        now_s = time.monotonic()
        frozen = bool(self._names) and (now_s - self._begin_s) % _FROZEN_EVERY_S >= _FROZEN_EVERY_S - _FROZEN_FOR_S
        if frozen != self._frozen:
            self._frozen, self._changed_s = frozen, now_s
            self._send(signal.SIGSTOP if frozen else signal.SIGCONT)
        return frozen if now_s - self._changed_s > _SETTLING_TICKS else None

    def end(self) -> None:
        """Thaw what is frozen."""
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        for name in self._names:
            self._fleet.signal(name, number)


async def _measure(fleet: Fleet, interval_s: float, seconds: float, *, core: bool, frozen: int = 0) -> Figures:
    figures, sound = Figures(), {host.name for host in fleet.hosts if not host.fault}
    to_freeze = sorted(sound)[:frozen]
    rows = [place for place, host in enumerate(fleet.hosts) if host.name in sound.difference(to_freeze)]
    start_s, start_cpu_s = time.monotonic(), time.process_time()

    def changed(status: NodeStatus) -> None:
        if status.ssh.state is LinkState.UP and status.node in sound - figures.up_s.keys():
            figures.up_s[status.node] = time.monotonic() - start_s
            figures.connect_cpu_s = time.process_time() - start_cpu_s

    async with AsyncExitStack() as lasting:
        frames = await (_core_frames if core else _frames)(fleet.settings(interval_s=interval_s), changed, lasting)
        async for _ in frames:
            if len(figures.up_s) == len(sound):
                break
            if time.monotonic() - start_s > _CONNECTED_WITHIN_S:
                sys.exit(f"not connected: {', '.join(sorted(sound - figures.up_s.keys()))}")
        for _ in range(_SETTLING_TICKS):
            await anext(frames)
        node_s, begin_s = fleet.cpu_s(), time.monotonic()
        freezing = Freezing(fleet, to_freeze, begin_s)
        lasting.callback(freezing.end)
        while time.monotonic() - begin_s < seconds:
            series = {True: figures.frozen_late_ms, False: figures.late_ms, None: []}[freezing.step()]
            cpu_s, waited_s = time.process_time(), _waited_s()
            frame = await anext(frames)
            series.append(1e3 * (time.time() - frame.wall_s))
            figures.cpu_ms.append(1e3 * (time.process_time() - cpu_s))
            figures.waited_ms.append(1e3 * (_waited_s() - waited_s))
            figures.answered.append(float(np.isfinite(frame.values[rows]).any(axis=1).mean()))
            figures.memory_mib.append(psutil.Process().memory_info().rss / _MIB)
            figures.open_files.append(psutil.Process().num_fds())
            if len(figures.cpu_ms) % _REPORT_TICKS == 0:
                sys.stderr.write(_row(figures, len(fleet.hosts)))
        figures.node_ms = 1e3 * (fleet.cpu_s() - node_s) / (time.monotonic() - begin_s) / len(sound)
    return figures


async def _frames(settings: ClusterSettings, changed: Listener, lasting: AsyncExitStack) -> AsyncGenerator[Frame]:
    """The frames of the sampler alone."""
    metrics = metrics_of(settings.sources)
    cluster = Cluster(settings, sql=False)
    cluster.on_change(changed)
    await lasting.enter_async_context(cluster)
    asked = {
        node.settings.name: sources_of(node.settings, settings, metrics, node.shell, node.database)
        for node in cluster.nodes
    }
    sampler = Sampler(metrics, asked, settings.interval_s, connections=connections_of(settings.sources))
    await lasting.enter_async_context(sampler)

    async def frames() -> AsyncGenerator[Frame]:
        async for frame in sampler:
            yield frame

    return frames()


async def _core_frames(settings: ClusterSettings, changed: Listener, lasting: AsyncExitStack) -> AsyncGenerator[Frame]:
    """The frames of the whole core, recorded and diagnosed."""
    runtime = Runtime(settings, record=True)
    runtime._nodes.on_change(changed)
    await lasting.enter_async_context(runtime)

    async def frames() -> AsyncGenerator[Frame]:
        while True:
            yield (await runtime.next_snapshot()).frame

    return frames()


def _waited_s() -> float:
    """How long the main thread has waited for a processor so far."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def _spread(late_ms: list[float]) -> str:
    return f"{median(late_ms):.0f}, {np.percentile(late_ms, 99):.0f}, {max(late_ms):.0f}" if late_ms else "-"


def _tenths(series: list[float]) -> list[float]:
    """The first, the last, and nine between them."""
    return [series[(len(series) - 1) * place // 10] for place in range(11)]


def _row(figures: Figures, count: int) -> str:
    up = sorted(figures.up_s.values())
    cells = (
        f"{count}",
        f"{median(up):.1f}, {up[-1]:.1f}",
        f"{1e3 * figures.connect_cpu_s / count:.1f}",
        _spread(figures.late_ms),
        _spread(figures.frozen_late_ms),
        f"{np.mean(figures.cpu_ms):.1f}",
        f"{median(figures.waited_ms):.0f}",
        f"{100 * float(np.mean(figures.answered)):.2f}",
        ", ".join(f"{each:.0f}" for each in _tenths(figures.memory_mib)),
        f"{figures.open_files[0]}, {max(figures.open_files)}, {figures.open_files[-1]}",
        f"{figures.node_ms:.1f}",
        f"{len(figures.cpu_ms)}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Print a row for each count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[3, 30, 100])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--faults", action="store_true", help="some nodes are slow, and some are broken")
    parser.add_argument("--recorded", action="store_true", help="nodes answer with a recorded text, at little cost")
    parser.add_argument("--core", action="store_true", help="the whole core: record and diagnose, too")
    parser.add_argument("--interval", type=float, default=1, help="seconds from tick to tick")
    parser.add_argument("--frozen", type=int, default=0, help="that many hosts are frozen for 2 of each 10 minutes")
    arguments = parser.parse_args()
    # The servers are ended also where this is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    sys.stdout.write(f"| {' | '.join(_COLUMNS)} |\n{'| --- ' * len(_COLUMNS)}|\n")
    sys.stdout.flush()
    for count in arguments.counts:
        chosen = hosts(count, faults=arguments.faults)
        with (
            tempfile.TemporaryDirectory() as directory,
            Fleet(Path(directory), chosen, recorded=arguments.recorded) as fleet,
        ):
            os.environ |= {f"XDG_{kind}_HOME": directory for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
            sys.stdout.write(
                _row(
                    asyncio.run(
                        _measure(
                            fleet, arguments.interval, arguments.seconds, core=arguments.core, frozen=arguments.frozen
                        )
                    ),
                    count,
                )
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
