"""The source `prometheus`, read from a real Prometheus that scrapes a real node_exporter."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from distdiag_core.cluster import inventory
from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.status import NodeState
from distdiag_core.doctor.examination import examine
from distdiag_core.doctor.report import Result
from distdiag_core.errors import ConfigError, DataError, TimedOutError, UnreachableError
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sources.prometheus import query_files
from distdiag_core.metrics.sources.prometheus.client import PrometheusClient, QueryRefusedError
from distdiag_core.metrics.sources.prometheus.cluster_reader import ClusterReader, NodeLabels
from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings
from distdiag_core.metrics.sources.prometheus.query_files import Queries, Query
from distdiag_core.runtime.runtime import Runtime
from tests.prometheus_server import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.prometheus_server import Prometheus

_NODES = "\n".join(f"  - {{name: n{number}, host: n{number}, connection: none}}" for number in (1, 2, 3))


def _cluster(directory: Path, url: str, more: str = "", *, sources: str = "prometheus") -> Path:
    path = directory / "mine.yaml"
    text = f"name: mine\nsources: [{sources}]\nprometheus: {{url: '{url}'{more}}}\nnodes:\n{_NODES}\n"
    path.write_text(text, encoding="utf-8")
    return path


async def _until(runtime: Runtime, condition: Callable[[Snapshot], object]) -> Snapshot:
    async with asyncio.timeout(WITHIN_S):
        while not condition(snapshot := await runtime.next_snapshot()):
            pass
    return snapshot


@pytest.mark.usefixtures("own_places")
async def test_a_cluster_is_read_through_prometheus_alone(prometheus: Prometheus, tmp_path: Path) -> None:
    settings = inventory.load(_cluster(tmp_path, prometheus.url))
    async with Runtime(settings) as runtime:
        snapshot = await _until(runtime, lambda each: not math.isnan(each.frame.value("n2", "host.cpu.usage")))
    frame = snapshot.frame
    for node in ("n1", "n2"):
        assert 0 <= frame.value(node, "host.cpu.usage") <= 100
        parts = sum(frame.value(node, f"host.cpu.{part}") for part in ("user", "system", "irq", "steal"))
        assert parts == pytest.approx(frame.value(node, "host.cpu.usage"), abs=0.01)
        assert frame.value(node, "host.memory.available") == pytest.approx(
            prometheus.value("max(node_memory_MemAvailable_bytes)"), rel=0.5
        )
    # This machine under another name has the same figures.
    assert frame.value("n1", "host.load.15") == pytest.approx(frame.value("n2", "host.load.15"), rel=0.5)
    assert math.isnan(frame.value("n3", "host.cpu.usage"))
    assert "no samples of this node" in snapshot.troubles["n3", "prometheus"]
    assert {status.state for status in snapshot.nodes} == {NodeState.UP}
    assert "host.tcp.round_trip" not in frame.metrics


async def test_every_query_that_ships_is_understood_and_names_the_node(prometheus: Prometheus) -> None:
    settings = PrometheusSettings(url=prometheus.url, queries=("node_exporter", "obagent"))
    queries = query_files.queries_of(settings, ("sys", "a.b"), catalogue.load().names)
    given = set()
    for query in (*queries.metrics, *queries.sampled):
        series = prometheus.query(query.text)
        assert {key for each in series for key in each["metric"]} <= {query.label}, query
        given |= {query.metric for each in series if math.isfinite(float(each["value"][1]))}
    of_host = {query.metric for query in queries.metrics if query.file == "node_exporter"}
    # A quiet disk has no latency, and not every machine tells of its pressure or has a swap.
    missing = {name for name in of_host - given if "latency" not in name and "pressure" not in name}
    assert missing <= {
        "host.tcp.retransmit_share",
        *(name for name in of_host if ".disk." in name or ".network." in name),
    }
    assert len(of_host) > 45


async def test_the_doctor_tells_what_the_source_has_of_each_node(prometheus: Prometheus, tmp_path: Path) -> None:
    report = await examine(inventory.load(_cluster(tmp_path, prometheus.url)))
    checks = {node.node: node.checks for node in report.nodes}
    (check,) = checks["n3"]
    assert (check.name, check.result) == ("metrics prometheus", Result.FAILED)
    assert [each.name for each in checks["n1"]] == ["metrics prometheus"]
    assert checks["n1"][0].result is not Result.FAILED


def test_what_it_reads_goes_by_the_order_of_the_sources(tmp_path: Path) -> None:
    from distdiag_core.metrics.source import metrics_of, read_by

    for sources, first in (("host, prometheus", "host"), ("prometheus, host", "prometheus")):
        cluster = inventory.load(_cluster(tmp_path, "http://p:1", sources=sources))
        found = read_by(metrics_of(cluster.sources, cluster), cluster)
        of = {metric.name: source for source, metrics in found.items() for metric in metrics}
        assert of["host.cpu.usage"] == first
        assert of["host.tcp.round_trip"] == "host"


# Against a server of ours, which can be slow, wrong, and of any age.


class _Server:
    """Answers queries as it is told, and counts them."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.status = 200
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """An answer of the API."""
        text = request.query["query"]
        self.asked[text] += 1
        found = self.answers.get(text, {})
        if found is None:
            await asyncio.sleep(WITHIN_S)
        if isinstance(found, str):
            return web.json_response({"status": "error", "error": found}, status=422)
        if isinstance(found, bytes):
            return web.Response(body=found, status=self.status)
        result = [{"metric": {"instance": label}, "value": [0, str(value)]} for label, value in found.items()]
        data = {"status": "success", "data": {"resultType": "vector", "result": result}}
        return web.Response(body=json.dumps(data).encode(), status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[_Server]:
    made = _Server()
    app = web.Application()
    app.router.add_get("/some/path/api/v1/query", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/some/path/"
    yield made
    await runner.cleanup()


_HOSTS = (NodeSettings("n1", "10.0.0.1"), NodeSettings("n2", "10.0.0.2"))
_QUERIES = Queries(
    (Query("m", "m", "instance", "f"), Query("x", "x", "instance", "f")), (Query("", "t", "instance", "f"),)
)


def _reader(server: _Server, now_s: Callable[[], float], interval_s: float = 1e-9) -> ClusterReader:
    settings = PrometheusSettings(url=server.url, max_age_s=30.0, timeout_s=0.5)
    return ClusterReader(settings, _HOSTS, _QUERIES, PrometheusClient(settings), interval_s, now_s=now_s)


async def test_all_nodes_share_one_query_a_metric_and_none_without_a_newer_sample(server: _Server) -> None:
    reader = _reader(server, lambda: 105.0)
    server.answers = {"t": {"10.0.0.1:9100": 100, "10.0.0.2:9100": 101}, "m": {"10.0.0.1:9100": 1, "10.0.0.2:9100": 2}}
    first = await asyncio.gather(reader.read("n1"), reader.read("n2"))
    assert [(each.clock_s, dict(each.values)) for each in first] == [(100, {"m": 1}), (101, {"m": 2})]
    assert server.asked == {"t": 1, "m": 1, "x": 1}
    for _ in range(3):
        await asyncio.gather(reader.read("n1"), reader.read("n2"))
    assert server.asked == {"t": 4, "m": 1, "x": 1}
    # Figures stand still for several ticks: the operator is told the interval.
    server.answers["t"] = {"10.0.0.1:9100": 115, "10.0.0.2:9100": 101}
    (note,) = (await reader.read("n1")).notes
    assert "samples this node every 15 s" in note
    await reader.close()


async def test_no_answer_to_a_query_is_told_to_every_node_and_the_next_one_counts(server: _Server) -> None:
    reader = _reader(server, lambda: 100.0)
    server.answers = {"t": {"10.0.0.1": 100, "10.0.0.2": 100}, "m": None, "x": None}
    told = await asyncio.gather(reader.read("n1"), reader.read("n2"), return_exceptions=True)
    assert [type(each) for each in told] == [TimedOutError, TimedOutError]
    server.answers["m"] = {"10.0.0.1": 1}
    server.answers["x"] = {}
    assert (await reader.read("n1")).values == {"m": 1}
    await reader.close()


async def test_figures_that_are_too_old_are_unknown_and_so_is_a_node_that_is_gone(server: _Server) -> None:
    now = [100.0]
    reader = _reader(server, lambda: now[0])
    server.answers = {"t": {"10.0.0.1": 100, "10.0.0.2": 100}, "m": {"10.0.0.1": 1, "10.0.0.2": 2}}
    await reader.read("n1")
    now[0] = 131.0
    with pytest.raises(DataError, match="the newest sample is 31 s old"):
        await reader.read("n1")
    # A rate still looks back at a node whose exporter is gone.
    server.answers["t"] = {"10.0.0.1": 131}
    assert (await reader.read("n1")).values == {"m": 1}
    with pytest.raises(DataError, match=r"no samples of this node.*'10\.0\.0\.2', with any port"):
        await reader.read("n2")
    await reader.close()


async def test_a_query_that_is_refused_costs_its_metric_alone(server: _Server) -> None:
    reader = _reader(server, lambda: 100.0)
    server.answers = {"t": {"10.0.0.1": 100}, "m": {"10.0.0.1": 1, "n1:1": 2}, "x": "parse error"}
    reading = await reader.read("n1")
    assert reading.values == {"m": 1}
    assert [note for note in reading.notes if "x of prometheus/f.yaml is refused: 'parse error'" in note]
    assert [note for note in reading.notes if "'10.0.0.1' and 'n1:1' are both this node" in note]
    await reader.close()


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (401, b"", AccountRefusedError, r"does not let us read \(401\).*set `prometheus\.token_file`"),
        (200, b"<html>", DataError, "answers 200, and not as Prometheus does"),
        (200, b'{"status": "success", "data": {"resultType": "matrix", "result": []}}', DataError, "not as Prometheus"),
        (200, b"[1]", DataError, "not as Prometheus"),
        (200, "bad query", QueryRefusedError, "bad query"),
        (200, None, TimedOutError, r"no answer within 0\.5 s"),
    ],
)
async def test_answers_that_are_none(
    server: _Server, status: int, answer: bytes | str | None, error: type[Exception], said: str
) -> None:
    server.status, server.answers = status, {"q": answer}
    client = PrometheusClient(PrometheusSettings(url=server.url, timeout_s=0.5))
    with pytest.raises(error, match=said):
        await client.query("q")
    await client.close()


async def test_where_nothing_listens_the_address_is_named_without_its_password() -> None:
    client = PrometheusClient(PrometheusSettings(url="http://me:secret@127.0.0.1:9/prom"))
    with pytest.raises(UnreachableError, match=r"^Prometheus at 127\.0\.0\.1:9: ") as caught:
        await client.query("q")
    assert "secret" not in str(caught.value)
    await client.close()


def test_nodes_are_found_by_their_label() -> None:
    nodes = (NodeSettings("n1", "10.0.0.1"), NodeSettings("n2", "fe80::2", zone="z2"))
    plain = NodeLabels(nodes, None)
    found = [
        plain.node(value) for value in ("10.0.0.1", "10.0.0.1:9100", "[fe80::2]:9100", "n2:1", "10.0.0.9:9100", "")
    ]
    assert found == ["n1", "n1", "n2", "n2", None, None]
    by_pattern = NodeLabels(nodes, "{zone}-{name}")
    assert [by_pattern.node(value) for value in ("z2-n2", "-n1", "n1")] == ["n2", "n1", None]


@pytest.mark.usefixtures("own_places")
def test_files_of_ones_own_add_metrics_and_replace_what_ships(own_places: Path, tmp_path: Path) -> None:
    directory = own_places / "config" / "distdiag" / "prometheus"
    directory.mkdir(parents=True)
    (directory / "shop.yaml").write_text(
        "label: node\nsampled: timestamp(up)\nmetrics: {host.cpu.usage: 'cpu{$match}'}\n"
        "own: {prometheus.queue: {label: queue, unit: requests, category: cpu, query: 'q{$match}'}}\n"
    )
    more = ", queries: [shop, node_exporter], match: 'dc=\"f\"'"
    cluster = inventory.load(_cluster(tmp_path, "http://p:1", more))
    settings = cluster.section(PrometheusSettings)
    queries = query_files.queries_of(settings, ("sys",), ("host.cpu.usage", "prometheus.queue"))
    assert [(each.metric, each.text, each.label) for each in queries.metrics] == [
        ("host.cpu.usage", 'cpu{dc="f"}', "node"),
        ("prometheus.queue", 'q{dc="f"}', "node"),
    ]
    from distdiag_core.metrics.source import metrics_of

    names = metrics_of(cluster.sources, cluster).names
    assert {"prometheus.queue", "host.load.1"} <= set(names)
    query_files.load.cache_clear()
    (directory / "shop.yaml").write_text(
        "label: node\nsampled: $time\nmetrics: {host.cpu: x}\n"
        "own: {queue: {label: q, unit: s, category: cpu, query: x}}\n"
    )
    with pytest.raises(ConfigError) as caught:
        query_files.load("shop")
    for problem in (
        "sampled: a $ begins one of $label",
        "metrics.host.cpu: no metric of ours",
        "own.queue: the name must begin with prometheus.",
    ):
        assert problem in str(caught.value)
    query_files.load.cache_clear()
    query_files.metrics_of.cache_clear()
    with pytest.raises(
        ConfigError,
        match=r"no file of queries is called 'none'; there are mysqld_exporter, node_exporter, obagent, shop",
    ):
        query_files.load("none")
