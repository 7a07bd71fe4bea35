"""Made-up streams of a cluster, and what the detection says at each of their ticks."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.untrained_detector import Observation, UntrainedDetector
from distdiag_core.metrics.frame import Window

HOST = ("host.cpu.usage", "host.cpu.user", "host.load.1", "host.disk.busy", "host.disk.latency", "host.disk.queue",
        "host.network.packets_in", "host.network.packets_out", "host.memory.used", "host.context_switches")  # fmt: skip
SQL = ("sysstat.trans_commit_count", "sysstat.sql_select_count", "sysstat.trans_latency",
       "sysstat.trans_total_used_time", "sysstat.io_read_count", "sysstat.request_queue_time", "sysstat.cpu_time",
       "sysstat.db_time", "workload.tps", "workload.p95")  # fmt: skip
TROUBLE = {
    "host.disk.busy": 6.0, "host.disk.latency": 8.0, "host.disk.queue": 10.0, "host.cpu.usage": 2.0, "host.load.1": 4.0,
    "sysstat.trans_latency": 5.0, "workload.p95": 5.0, "sysstat.request_queue_time": 8.0, "sysstat.db_time": 4.0,
    "sysstat.io_read_count": 5.0, "workload.tps": 0.4, "sysstat.trans_commit_count": 0.4,
}  # fmt: skip
MORE_LOAD = {
    metric: 2.5
    for metric in (*HOST, *SQL)
    if metric not in ("sysstat.trans_latency", "workload.p95", "host.memory.used", "host.disk.latency")
}


def noise(seed: int, nodes: int = 3, metrics: tuple[str, ...] = HOST + SQL, ticks: int = 150) -> Window:
    """Levels of each metric with 10 % of noise."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(10, 1000, len(metrics))
    values = level[:, None] * rng.lognormal(0, 0.1, (nodes, len(metrics), ticks))
    names = tuple(f"n{number + 1}" for number in range(nodes))
    return Window(1e9 + np.arange(ticks, dtype=np.float64), names, metrics, values.astype(np.float32))


def multiply(window: Window, factors: dict[str, float], nodes: tuple[int, ...], start: int, stop: int) -> None:
    """Multiply these metrics of these nodes from tick `start` to before tick `stop`, in place."""
    for metric, factor in factors.items():
        if metric in window.metrics:
            window.values[list(nodes), window.metrics.index(metric), start:stop] *= factor


def observe(window: Window, detector: UntrainedDetector | None = None) -> list[Observation]:
    """What is said at each tick."""
    detector = detector or UntrainedDetector(1.0)
    return [
        detector.observe(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
        for end in range(1, len(window) + 1)
    ]


def accused(seen: list[Observation]) -> set[str]:
    """The nodes that were anomalous at any tick."""
    return {node for each in seen for node, ill in zip(each.nodes, each.anomalous, strict=True) if ill}
