"""A process that records onto a disk which fills up and then has room again; prints what became of it as JSON.

Usage: python filling.py DIRECTORY limit     its files may not grow, as if the disk were full
       python filling.py DIRECTORY mount     DIRECTORY becomes a tiny disk of its own (in a private mount namespace)
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

_METRICS = tuple(Metric(f"host.m{n}", str(n), "%", "gauge", "cpu", "host", str(n)) for n in range(500))
_CATALOGUE = MetricCatalogue(_METRICS)
_TICKS_AT_MOST = 2_000
_SMALL_BYTES = 256 * 1024


def _limit() -> Callable[[], None]:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL_BYTES, most))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _mount(directory: Path) -> Callable[[], None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={8 * _SMALL_BYTES}", "tmpfs", str(directory)], check=True)
    filler = directory / "filler"
    filler.write_bytes(bytes(7 * _SMALL_BYTES))
    return filler.unlink


def _tick_until(recorder: Recorder, first: int, reached: Callable[[], bool]) -> int:
    """Record ticks, each as soon as the one before was tried, until `reached`; the number of the next one."""
    for tick in range(first, _TICKS_AT_MOST):
        if reached():
            return tick
        values = np.full((1, len(_METRICS)), tick, dtype=np.float32)
        recorder.frame(Frame(float(tick), ("n1",), _CATALOGUE.names, values))
        time.sleep(0.002)
    sys.exit(f"not reached after {_TICKS_AT_MOST} ticks: {recorder.status()}")


def main() -> None:
    directory = Path(sys.argv[1])
    make_room = _limit() if sys.argv[2] == "limit" else _mount(directory)
    cluster = ClusterSettings("shop", (NodeSettings("n1", "127.0.0.1"),))
    with Recorder(cluster, _CATALOGUE, directory) as recorder:
        tick = _tick_until(recorder, 0, lambda: bool(recorder.status().problem))
        problem = recorder.status().problem
        make_room()
        tick = _tick_until(recorder, tick, lambda: not recorder.status().problem)
    with Recording(Path(recorder.status().path)) as recording:
        times_s, events = recording.window().times_s.tolist(), recording.events()
    json.dump(
        {"problem": problem, "ticks": tick, "times_s": times_s, "events": [event.text for event in events]}, sys.stdout
    )


main()
