"""What the connections of a preparation are like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster import password
from distdiag_core.workloads.benchmark_target import BenchmarkTarget

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings

_BY_ITSELF_US = 10_000_000


async def test_connections_of_a_preparation_have_a_longer_query_timeout(cluster: ClusterSettings) -> None:
    target = BenchmarkTarget(cluster, password.of_nodes(cluster.nodes), "n1", ("n1",))
    async with target.database() as database:
        ((_, limit_us),) = await database.query("SHOW VARIABLES LIKE 'ob_query_timeout'")
    assert int(str(limit_us)) > _BY_ITSELF_US
