"""A new cluster file from the pods of ob-operator, found by the real kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cluster.server_views import ServerViews
from tests.kubernetes_api.api_server import NAMESPACE, ApiServer
from tests.kubernetes_api.kubelet import Container
from tests.kubernetes_api.nodes import labels, use_kubectl

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.cli.conftest import Ended

OPTIONS = ("config", "init", "--no-check", "--yes", "--name", "shop", "--kubernetes", "--namespace", NAMESPACE)


@pytest.fixture
def api(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ApiServer]:
    use_kubectl(monkeypatch, tmp_path)
    with ApiServer(tmp_path) as api:
        yield api


def _add(api: ApiServer, zone: str, server: str, **changes: Any) -> None:  # noqa: ANN401 - of its status
    api.add(server, labels(f"shop-1-{zone}", server), **changes)
    api.pods[server]["spec"]["containers"][0]["env"] = [{"name": "ZONE_NAME", "value": zone}]


def test_pods_become_nodes_with_their_zones_and_are_named_by_labels_that_last(
    api: ApiServer, home: Path, distdiag: Callable[..., Ended]
) -> None:
    _add(api, "zone1", "shop-1-zone1-x7k2p9")
    _add(api, "zone2", "shop-1-zone2-aaaaaa")
    _add(api, "zone2", "shop-1-zone2-bbbbbb", phase="Pending")
    api.add("proxy", {"ref-obcluster": "shop"})
    options = ("--kubeconfig", str(api.kubeconfig), "--selector", "ref-obcluster=shop", "--pod-sql", "port_forward")
    made = distdiag(*OPTIONS, *options)
    assert made.status == 0, made.stderr
    assert "3 pods of the cluster shop by ref-obcluster=shop" in made.stderr
    assert "n3 (shop-1-zone2-bbbbbb) is Pending" in made.stderr
    file = home / "config" / "distdiag" / "clusters" / "shop.yaml"
    written = yaml.safe_load(file.read_text("utf-8"))
    assert written["kubernetes"] == {"namespace": "ob", "kubeconfig": str(api.kubeconfig), "sql": "port_forward"}
    assert written["nodes"] == [
        {
            "name": name, "host": server, "zone": zone, "connection": "kubernetes", "pod_selector": selector,
            "data_dir": "/home/admin/data-file",
        }
        for name, server, zone, selector in (
            ("n1", "shop-1-zone1-x7k2p9", "zone1", "ref-obcluster=shop,ref-obzone=shop-1-zone1"),
            ("n2", "shop-1-zone2-aaaaaa", "zone2", "ref-observer=shop-1-zone2-aaaaaa"),
            ("n3", "shop-1-zone2-bbbbbb", "zone2", "ref-observer=shop-1-zone2-bbbbbb"),
        )
    ]  # fmt: skip
    checked = distdiag("config", "check", "--cluster", "shop")
    assert (checked.status, "3 nodes is well-formed" in checked.stderr) == (0, True)


def test_pods_that_make_no_cluster_are_refused(api: ApiServer, distdiag: Callable[..., Ended]) -> None:
    options = (*OPTIONS, "--kubeconfig", str(api.kubeconfig))
    none = distdiag(*options)
    assert (none.status, "no pod of an observer is ref-obcluster in the namespace ob" in none.stderr) == (2, True)
    _add(api, "zone1", "shop-1")
    api.add("other-1", labels("zone1", "other-1") | {"ref-obcluster": "other"})
    several = distdiag(*options)
    assert (several.status, "the pods are of 2 clusters: other, shop" in several.stderr) == (2, True)
    beside = distdiag(*options, "--from", "10.0.0.1")
    assert (beside.status, "--kubernetes stands beside --from or --node" in beside.stderr) == (2, True)


def test_the_tenants_of_pods_are_asked_for_through_port_forward(
    api: ApiServer, tmp_path: Path, cluster_file: Callable[[str], Path], distdiag: Callable[..., Ended]
) -> None:
    with ServerViews("4 sys").listening(tmp_path) as database:
        api.add("shop-1", labels("zone1", "shop-1"), Container(ports={2881: database.port}), podIP="203.0.113.1")
        cluster_file(f"""\
name: mine
kubernetes: {{namespace: {NAMESPACE}, kubeconfig: {api.kubeconfig}, sql: port_forward}}
nodes:
  - {{name: n1, host: gone, connection: kubernetes, pod: shop-0}}
  - {{name: n2, host: shop-1, connection: kubernetes, pod: shop-1}}
""")
        listed = distdiag("tenants", "--cluster", "mine")
    assert (listed.status, "ledger" in listed.stdout) == (0, True), listed.stderr
