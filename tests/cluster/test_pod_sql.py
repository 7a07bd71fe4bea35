"""SQL to nodes that are pods, while the cluster keeps its links: to their addresses, and by the real port-forward."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import SqlSettings
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.server_identity import identify
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import UnsupportedError
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from tests.cluster.server_views import ServerViews
from tests.kubernetes_api.api_server import ApiServer
from tests.kubernetes_api.kubelet import Container
from tests.kubernetes_api.nodes import cluster, labels, node, use_kubectl
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.cluster import Cluster as Links

_PORT = 2881
_PATIENCE_S = 120.0


@pytest.mark.parametrize("way", ["pod_ip", "port_forward"])
async def test_both_links_follow_a_pod_to_its_new_name(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_kubectl(monkeypatch, tmp_path)
    with ServerViews("4 sys").listening(tmp_path) as database, ApiServer(tmp_path) as api:
        # Where a port is forwarded, it is that of the pod, whose address leads nowhere.
        forwarded = way == "port_forward"
        place = {"podIP": "203.0.113.1" if forwarded else "127.0.0.1"}
        api.add("shop-1", labels("zone1", "shop-1"), Container(ports={_PORT: database.port}), **place)
        sql = SqlSettings(port=_PORT if forwarded else database.port, connect_timeout_s=60.0, read_timeout_s=60.0)
        settings = cluster(api, node("n1", "zone1", sql=sql), sql=way)
        async with Cluster(settings) as links:
            await _until_up(links)
            assert await _version(links) == "OceanBase_CE 4.2.1.8"
            api.delete("shop-1")
            await until(lambda: links.nodes[0].status.state != NodeState.UP, "the loss to be seen", _PATIENCE_S)
            api.add("shop-1-x7k2p9", labels("zone1", "shop-1-x7k2p9"), Container(ports={_PORT: database.port}), **place)
            await _until_up(links)
            assert await _version(links) == "OceanBase_CE 4.2.1.8"
        target = BenchmarkTarget(settings, {"n1": PasswordSource(sql)}, "n1", ("n1",))
        if forwarded:
            with pytest.raises(UnsupportedError, match="clients of a benchmark cannot go through kubectl port-forward"):
                await target.endpoint()
        else:
            endpoint = await target.endpoint()
            assert (endpoint.host, endpoint.port) == ("127.0.0.1", database.port)
    assert settings.section(KubernetesSettings).sql == way


async def _until_up(links: Links) -> None:
    await until(lambda: links.nodes[0].status.state == NodeState.UP, "both links to be up", _PATIENCE_S)


async def _version(links: Links) -> str:
    async with asyncio.timeout(_PATIENCE_S):
        identity = await identify(links.nodes[0].database)
    assert identity is not None
    return dict(identity.variables)["version_comment"]
