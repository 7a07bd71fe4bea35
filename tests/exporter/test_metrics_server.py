"""The exporter, read by a real Prometheus and by requests of our own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from distdiag_core.errors import ConfigError, RefusedError
from distdiag_core.exporter.access import Token
from distdiag_core.exporter.exporter_settings import Endpoint, ExporterSettings, split_address
from distdiag_core.exporter.metrics_server import MetricsServer, SnapshotCollector
from tests.exporter.conftest import TOKEN
from tests.prometheus_server import WITHIN_S
from tests.tui import canned
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.prometheus_server import Prometheus

_DASHBOARD = Path(__file__).parents[2] / "config" / "grafana" / "distdiag.json"
_PROGRAM = (
    "import sys; from distdiag_core.cli.main import main;"
    "sys.exit(main(print, ['export', '--listen', '127.0.0.1:0', '--token-file', sys.argv[1], '--json']))"
)


def test_a_real_prometheus_reads_a_cluster_through_the_verb(
    prometheus: Prometheus, token_file: Path, own_places: Path
) -> None:
    clusters = own_places / "config" / "distdiag" / "clusters"
    clusters.mkdir(parents=True)
    (clusters / "mine.yaml").write_text(
        "name: mine\ninterval_s: 0.25\nsources: [host]\n"
        "nodes:\n  - {name: here, zone: z1, host: 127.0.0.1, connection: local, sql: {port: 9}}\n"
    )
    verb = subprocess.Popen(
        (sys.executable, "-c", _PROGRAM, str(token_file)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert verb.stdout is not None
        url = json.loads(verb.stdout.readline())["url"]
        prometheus.scrape(url.removeprefix("http://").removesuffix("/metrics"))
        (labels,) = [{"cluster": "mine", "zone": "z1", "node": "here"}]
        place = ", ".join(f'{name}="{value}"' for name, value in labels.items())
        # A ratio, and never more than the whole.
        assert 0 <= prometheus.value(f"distdiag_host_cpu_usage_ratio{{{place}}}") <= 1
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        assert 0 < prometheus.value(f"distdiag_host_memory_available_bytes{{{place}}}") <= memory
        # Its SQL port is closed.
        assert prometheus.value(f'distdiag_node_state{{{place}, state="degraded"}} == 1') == 1
        eventually(lambda: prometheus.value("rate(distdiag_ticks_total[10s])") > 0, "a rate of ticks")
        verb.send_signal(signal.SIGTERM)
        _, said = verb.communicate(timeout=WITHIN_S)
    finally:
        verb.kill()
    assert (verb.returncode, "metrics of mine for Prometheus at http://127.0.0.1:" in said) == (0, True)


def test_each_query_of_the_dashboard_names_metrics_that_the_exporter_has(prometheus: Prometheus) -> None:
    snapshot = canned.troubled()
    families = list(SnapshotCollector(lambda: snapshot, lambda: snapshot.frame.time_s).collect())
    names = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    dashboard = json.loads(_DASHBOARD.read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [each["expr"] for each in dashboard["annotations"]["list"]]
    assert len(asked) > len(dashboard["panels"]) > 10
    for expression in (
        *asked,
        *(each["definition"] for each in dashboard["templating"]["list"] if "definition" in each),
    ):
        named = set(re.findall(r"\bdistdiag_\w+", expression))
        assert named, expression
        assert named <= names, expression
    for expression in asked:
        # Prometheus refuses what it cannot parse.
        prometheus.query(expression)


def test_figures_are_in_base_units_with_the_labels_of_their_node() -> None:
    snapshot = replace(canned.troubled(), late_s=0.25)
    samples = {
        (sample.name, sample.labels.get("node"), sample.labels.get("anomaly")): sample.value
        for family in SnapshotCollector(lambda: snapshot, lambda: snapshot.frame.time_s).collect()
        for sample in family.samples
    }
    for name, metric, scale in (
        ("distdiag_host_cpu_usage_ratio", "host.cpu.usage", 0.01),
        ("distdiag_workload_p95_seconds", "workload.p95", 0.001),
        ("distdiag_host_memory_free_bytes", "host.memory.free", 1.0),
    ):
        assert samples[name, "n2", None] == pytest.approx(snapshot.frame.value("n2", metric) * scale)
    assert samples["distdiag_tick_lateness_seconds", None, None] == 0.25
    assert samples["distdiag_injections", "n2", "cpu_stress"] == 1
    first = snapshot.diagnosis.root_causes[0] if snapshot.diagnosis else None
    assert first is not None
    assert samples["distdiag_anomaly_confidence_ratio", first.node, first.anomaly] == first.confidence
    assert samples["distdiag_root_cause_rank", first.node, first.anomaly] == 1


def test_figures_of_a_core_that_has_ended_are_not_served() -> None:
    snapshot = canned.troubled()
    collector = SnapshotCollector(lambda: snapshot, lambda: snapshot.frame.time_s + 60)
    assert [each.name for each in collector.collect()] == ["distdiag_build"]


def test_only_who_has_the_token_reads_and_only_metrics() -> None:
    with MetricsServer(Endpoint("127.0.0.1", 0, Token(TOKEN)), lambda: None) as server:
        for authorization in (None, "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
            assert _status(server.url, authorization) == 401
        assert _status(server.url, f"Bearer {TOKEN}") == 200
        assert _status(f"{server.url}/other", f"Bearer {TOKEN}") == 404
        with (
            pytest.raises(ConfigError, match=r"cannot listen at 127\.0\.0\.1:.*another program serves there"),
            MetricsServer(Endpoint(*split_address(server.url.split("/")[2])), lambda: None),
        ):
            pass
    assert _status(server.url, None) is None


def _status(url: str, authorization: str | None) -> int | None:
    request = Request(url, headers={"Authorization": authorization} if authorization else {})  # noqa: S310 - of a server of ours
    try:
        with urlopen(request, timeout=WITHIN_S) as answer:  # noqa: S310
            status: int = answer.status
            return status
    except HTTPError as error:
        return error.code
    except OSError:
        return None


def test_an_address_of_the_network_needs_a_token(tmp_path: Path) -> None:
    for address in ("0.0.0.0:9108", "[::]:9108", "n1:9108"):
        with pytest.raises(RefusedError, match="can be reached from the network, where metrics need a token"):
            ExporterSettings(listen=address).endpoint()
    (tmp_path / "token").write_text(TOKEN)
    assert ExporterSettings().endpoint("[::]:9108", tmp_path / "token") == Endpoint("::", 9108, Token(TOKEN))
    for wrong in ("9108", ":9108", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:65536", "::1:9108"):
        with pytest.raises(ConfigError, match="is no address with a port"):
            ExporterSettings().endpoint(wrong)
