"""What the connections of a preparation are like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.cluster import password
from distdiag_core.cluster.inventory import SqlSettings
from distdiag_core.workloads.benchmark_target import BenchmarkTarget, as_clients_reach
from distdiag_core.workloads.workload_settings import WorkloadSettings
from tests.workloads.relay import relayed

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings

_DEAD = 9
_BY_ITSELF_US = 10_000_000


async def test_connections_of_a_preparation_have_a_longer_query_timeout(cluster: ClusterSettings) -> None:
    target = BenchmarkTarget(cluster, password.of_nodes(cluster.nodes), "n1", ("n1",))
    async with target.database() as database:
        ((_, limit_us),) = await database.query("SHOW VARIABLES LIKE 'ob_query_timeout'")
    assert int(str(limit_us)) > _BY_ITSELF_US


async def test_clients_go_through_the_proxy_by_the_account_for_them(cluster: ClusterSettings) -> None:
    (first, *_) = cluster.nodes
    assert first.sql is not None
    async with relayed(first.sql.port) as proxy:
        sql = replace(first.sql, port=proxy.port)
        nodes = tuple(replace(node, host="192.0.2.1", sql=SqlSettings(port=_DEAD)) for node in cluster.nodes)
        given = replace(cluster, nodes=nodes, sections=(WorkloadSettings(proxy="127.0.0.1", sql=sql),))
        reached = as_clients_reach(given)
        target = BenchmarkTarget(reached, password.of_nodes(reached.nodes), "n2", ("n1", "n2"))
        async with target.database() as database:
            assert await database.query("SELECT 1") == [(1,)]
        assert (await target.endpoint("n1")).port == proxy.port
    # Metrics are read from each node all the same.
    assert {node.host for node in given.nodes} == {"192.0.2.1"}
