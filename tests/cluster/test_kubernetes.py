"""Cluster files of clusters on Kubernetes, and how the host of `kubectl` is reached."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.backend import control_host_of
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import SqlSettings
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import ConfigError, UnreachableError
from tests.anomalies.kubectl_stand_in import Scenario
from tests.anomalies.kubernetes import CLUSTER, Kubernetes, pods

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from tests.cluster.conftest import SshServer

FILE = """\
name: shop
read_only: false
backend: chaos_mesh
kubernetes: {namespace: ob}
nodes:
  - {name: n1, host: 10.0.0.1, pod: ob-zone1-0}
  - {name: n2, host: 10.0.0.2, pod_selector: "ref-observer=ob-2,example.com/app=ob"}
"""


def test_a_cluster_file_says_which_pods_its_nodes_are(tmp_path: Path) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text(FILE, encoding="utf-8")
    cluster = inventory.load(path)
    assert cluster.section(KubernetesSettings) == KubernetesSettings(namespace="ob", container="observer")
    assert [node.pod for node in cluster.nodes] == ["ob-zone1-0", None]


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ("kubernetes: {namespace: ob}\n", "", "kubernetes: is required for the backend chaos_mesh"),
        ("{namespace: ob}", "{}", "kubernetes.namespace: is required but missing"),
        ("namespace: ob", "namespace: --all", "kubernetes.namespace: must be the name of a namespace, not '--all'"),
        (
            "namespace: ob",
            "namespace: ob, container: A",
            "container: must be the name of a container, not 'A'",
        ),
        ("namespace: ob", "namespace: ob, kubeconfig: ~/x", "kubernetes.kubeconfig: must be an absolute path"),
        (", pod: ob-zone1-0", "", "nodes.0.pod: is required for the backend chaos_mesh, or pod_selector"),
        ("pod: ob-zone1-0", "pod: a, pod_selector: a=b", "nodes.0.pod_selector: stands beside pod"),
        ("pod: ob-zone1-0", "pod: 'x;rm'", "nodes.0.pod: must be the name of a pod, not 'x;rm'"),
        ("ref-observer=ob-2,", "app in (a),", "nodes.1.pod_selector: must be labels such as app=ob,zone=1"),
        ("ref-observer=ob-2,", "a=b,,", "nodes.1.pod_selector: must be labels such as app=ob,zone=1"),
        ("backend: chaos_mesh", "backend: litmus", "backend: no backend is called 'litmus'; there are chaos_mesh, ssh"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, before: str, after: str, mistake: str) -> None:
    path = tmp_path / "cluster.yaml"
    assert before in FILE
    path.write_text(FILE.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        inventory.load(path)
    assert mistake in str(caught.value)


def _here(host: str | None = None) -> ClusterSettings:
    """The same on this machine, so that nothing else is reached for."""
    nodes = tuple(replace(node, host="127.0.0.1", connection="local", sql=SqlSettings()) for node in CLUSTER.nodes)
    return replace(CLUSTER, nodes=nodes, sections=(replace(CLUSTER.section(KubernetesSettings), host=host),))


async def test_kubectl_runs_on_a_host_that_is_reached_by_ssh(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = server.settings().ssh
    assert settings is not None
    cluster = replace(_here(host="127.0.0.1"), ssh=settings)
    kubernetes = Kubernetes(tmp_path, cluster)
    kubernetes.is_like(Scenario(pods=pods()))
    kubernetes.install(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with server.listening(), Cluster(cluster, control_host=control_host_of(cluster)) as reached:
        injector = kubernetes.injector(reached.control_host)
        (injection,) = await injector.inject(await injector.plan(InjectionRequest("cpu_stress", ("n1",), "low", 60)))
        assert [each.id for each in await injector.active()] == [injection.id]
        (cleared,) = await injector.clear_all()
        assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    assert kubernetes.objects == []
    with pytest.raises(UnreachableError, match="kubernetes cannot be asked: kubernetes: ssh: closed"):
        await injector.clear_all()


async def test_a_host_without_kubectl_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubernetes = Kubernetes(tmp_path, _here())
    monkeypatch.setenv("PATH", str(tmp_path))
    injector = kubernetes.injector(LocalShell("kubernetes"))
    assert await injector.active() == ()
    (reason,) = injector.unasked
    assert reason.startswith("kubernetes cannot be asked: kubernetes: kubectl: is not installed; install it, or name")


def test_nothing_is_asked_of_kubernetes_where_the_nodes_are_hosts() -> None:
    assert control_host_of(replace(_here(), backend="ssh")) is None
