"""A cluster of many nodes, read through one real Prometheus: how long the queries take, and what a tick costs.

    python -m tests.bench.bench_prometheus [NODES] [TICKS]

An endpoint of ours has the series of node_exporter for every node; Prometheus scrapes it every ten seconds, and
distdiag ticks as often. Needs the program of `make unpacked`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import psutil

from distdiag_core.cli.output import put
from distdiag_core.cluster import inventory
from distdiag_core.models import model_registry
from distdiag_core.runtime.runtime import Runtime
from tests.ports import free_port
from tests.prometheus_server import Prometheus, answers, running_prometheus
from tests.waiting import eventually

_INTERVAL_S = 10
_CPUS = 4
_GAUGES = (
    "node_load1", "node_load5", "node_load15", "node_procs_running", "node_procs_blocked",
    "node_netstat_Tcp_CurrEstab", *(f"node_memory_{name}_bytes" for name in (
        "MemTotal", "MemAvailable", "MemFree", "Cached", "Buffers", "SReclaimable", "Dirty", "Writeback",
        "SwapTotal", "SwapFree")),
)  # fmt: skip
_COUNTERS = (
    "node_context_switches_total", "node_vmstat_pgmajfault", "node_vmstat_pswpin", "node_vmstat_pswpout",
    "node_netstat_Tcp_RetransSegs", "node_netstat_Tcp_OutSegs", "node_netstat_Tcp_OutRsts",
    "node_netstat_TcpExt_TCPTimeouts",
    *(f"node_pressure_{name}_seconds_total" for name in (
        "cpu_waiting", "memory_waiting", "memory_stalled", "io_waiting", "io_stalled")),
)  # fmt: skip
_OF_DISK = (
    "reads_completed_total", "writes_completed_total", "read_bytes_total", "written_bytes_total",
    "read_time_seconds_total", "write_time_seconds_total", "io_time_seconds_total", "io_time_weighted_seconds_total",
)  # fmt: skip
_OF_INTERFACE = tuple(
    f"{way}_{what}_total" for way in ("receive", "transmit") for what in ("bytes", "packets", "errs", "drop")
)
_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def _series(node: str) -> list[str]:
    place = f'instance="{node}:9100"'
    found = [f"{name}{{{place}}}" for name in (*_GAUGES, *_COUNTERS, "node_time_seconds")]
    found += [f'node_cpu_seconds_total{{{place},cpu="{cpu}",mode="{mode}"}}' for cpu in range(_CPUS) for mode in _MODES]
    found += [f'node_disk_{name}{{{place},device="sda"}}' for name in _OF_DISK]
    return found + [f'node_network_{name}{{{place},device="eth0"}}' for name in _OF_INTERFACE]


def _serve(port: int, nodes: int) -> None:
    series = [each for number in range(nodes) for each in _series(f"n{number}")]
    speeds = np.random.default_rng(1).uniform(0.1, 1.0, len(series))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            values = (speeds * (time.time() % 1e6)).tolist()
            body = "".join(f"{name} {value:.3f}\n" for name, value in zip(series, values, strict=True)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - of the library
            """Nothing."""

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main(nodes: int = 1000, ticks: int = 12) -> None:
    """Print the figures."""
    port = free_port()
    endpoint = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, nodes), daemon=True)
    endpoint.start()
    put(f"{nodes} nodes with {len(_series('n'))} series each, scraped and read every {_INTERVAL_S} s")
    try:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            eventually(lambda: answers(f"http://127.0.0.1:{port}/metrics"), "the endpoint answers")
            with running_prometheus(directory, {"honor_labels": True}, f"{_INTERVAL_S}s") as prometheus:
                prometheus.scrape(f"127.0.0.1:{port}")
                prometheus.value(f"count(count_over_time(node_time_seconds[1m]) > 2) == {nodes}")
                asyncio.run(_measure(prometheus, directory, nodes, ticks))
    finally:
        endpoint.kill()


async def _measure(prometheus: Prometheus, directory: Path, nodes: int, ticks: int) -> None:
    path = directory / "many.yaml"
    listed = "\n".join(f"  - {{name: n{number}, host: n{number}, connection: none}}" for number in range(nodes))
    path.write_text(
        f"name: many\nsources: [prometheus]\ninterval_s: {_INTERVAL_S}\n"
        f"prometheus: {{url: '{prometheus.url}', timeout_s: 60}}\nnodes:\n{listed}\n"
    )
    settings = inventory.load(path)
    model, _ = model_registry.load_for(settings)
    own = psutil.Process()
    theirs = next(each for each in own.children(recursive=True) if each.name().startswith("prometheus"))
    rows = []
    async with Runtime(settings, model=model) as runtime:
        await runtime.next_snapshot()
        for _ in range(ticks):
            before, before_theirs = time.process_time(), sum(theirs.cpu_times()[:2])
            snapshot = await runtime.next_snapshot()
            known = float(np.isfinite(snapshot.frame.values).sum()) / nodes
            late_s = time.time() - snapshot.frame.wall_s
            rows.append((time.process_time() - before, sum(theirs.cpu_times()[:2]) - before_theirs, late_s, known))
    cpu, cpu_theirs, late, known_each = map(statistics.median, zip(*rows, strict=True))
    put(f"a tick: {1000 * cpu:.0f} ms of our CPU, {1000 * cpu_theirs:.0f} ms of that of Prometheus")
    put(
        f"the snapshot is there {1000 * late:.0f} ms after the tick is due (median), "
        f"{1000 * max(row[2] for row in rows):.0f} ms at most"
    )
    put(f"{known_each:.0f} figures of each node; nodes without any: {len(snapshot.troubles)}")
    put(f"memory: {own.memory_info().rss >> 20} MiB ours, {theirs.memory_info().rss >> 20} MiB of Prometheus")
    await _queries(prometheus)


async def _queries(prometheus: Prometheus) -> None:
    from distdiag_core.metrics import catalogue
    from distdiag_core.metrics.sources.prometheus import query_files
    from distdiag_core.metrics.sources.prometheus.client import PrometheusClient
    from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings

    settings = PrometheusSettings(url=prometheus.url, timeout_s=60.0)
    client = PrometheusClient(settings)
    spent = []
    for query in query_files.queries_of(settings, ("sys",), catalogue.load().names).metrics:
        begun_s = time.perf_counter()
        await client.query(query.text)
        spent.append((time.perf_counter() - begun_s, query.metric))
    await client.close()
    spent.sort()
    slowest = ", ".join(f"{metric} {1000 * seconds:.0f} ms" for seconds, metric in spent[-3:])
    total_s = sum(seconds for seconds, _ in spent)
    put(
        f"{len(spent)} queries one after the other: {total_s:.2f} s, "
        f"median {1000 * spent[len(spent) // 2][0]:.0f} ms; slowest {slowest}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
