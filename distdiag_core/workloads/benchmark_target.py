"""The database of a node that a benchmark is prepared, checked and run on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.cluster import tls
from distdiag_core.cluster.kubernetes_settings import kubernetes_of
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.node import reached_sql_route
from distdiag_core.errors import UnsupportedError
from distdiag_core.workloads import statement_limit
from distdiag_core.workloads.endpoint import Endpoint
from distdiag_core.workloads.workload_settings import WorkloadSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
    from distdiag_core.cluster.password import PasswordSource

# The default of the engine is 10 s: too short under load for counting a large table, or for a statement that waits for
# rows of another node.
_QUERY_TIMEOUT_S = 60.0


class BenchmarkTarget:
    """Access to the database of one node, and to those of the other nodes of the request.

    Attributes:
        node: name of the node to work on.
        nodes: all nodes of the request, in its order, `node` included.
        cluster_nodes: all nodes of the cluster file, in its order.
    """

    def __init__(
        self, settings: ClusterSettings, passwords: Mapping[str, PasswordSource], node: str, nodes: tuple[str, ...]
    ) -> None:
        self.node = node
        self.nodes = nodes
        self.cluster_nodes = tuple(each.name for each in settings.nodes)
        self._settings = settings
        self._passwords = passwords

    @asynccontextmanager
    async def database(self, node: str | None = None) -> AsyncIterator[MysqlDatabase]:
        """A separate connection to `node`, so that its metrics do not wait for a batch of rows."""
        name = node or self.node
        settings = self._settings.node(name)
        async with reached_sql_route(settings, kubernetes_of(self._settings)) as route:
            database = MysqlDatabase(settings, self._passwords[name], route=route)
            try:
                await database.open()
                await statement_limit.limit(database, _QUERY_TIMEOUT_S)
                yield database
            finally:
                await database.close()

    async def endpoint(self, node: str | None = None) -> Endpoint:
        """The endpoint of `node` for client programs.

        Raises:
            UnreachableError: the password or a certificate could not be read, or its pod was not found.
            UnsupportedError: clients cannot reach it.
        """
        name = node or self.node
        settings = self._settings.node(name)
        sql = sql_of(self._settings, name)
        # The client library of MySQL connects to "localhost" through a socket file, so that it gets the address.
        host, port = await self._address(settings)
        certificates = tls.read(sql.tls, settings.host) if sql.tls is not None else None
        return Endpoint(
            "127.0.0.1" if host == "localhost" else host,
            port,
            sql.user,
            await self._passwords[name].get(),
            certificates,
        )

    async def _address(self, settings: NodeSettings) -> tuple[str, int]:
        kubernetes = kubernetes_of(self._settings)
        if settings.connection == "kubernetes" and kubernetes is not None and kubernetes.sql == "port_forward":
            raise UnsupportedError(
                "the clients of a benchmark cannot go through kubectl port-forward",
                where=settings.name,
                hint="set kubernetes.sql to pod_ip where pods are reached, or to host with the address of a service",
            )
        async with reached_sql_route(settings, kubernetes) as route:
            return await route.address()


def as_clients_reach(settings: ClusterSettings) -> ClusterSettings:
    """The cluster with each node as clients of benchmarks reach it: by the proxy and the account for them."""
    workload = settings.section(WorkloadSettings)
    nodes = [replace(node, sql=workload.sql or node.sql) for node in settings.nodes]
    if workload.proxy is not None:
        # A proxy is a host, also where the nodes are pods.
        nodes = [replace(node, host=workload.proxy, connection="ssh") for node in nodes]
    return replace(settings, nodes=tuple(nodes))


def sql_of(settings: ClusterSettings, node: str) -> SqlSettings:
    """The SQL settings of `node`."""
    sql = settings.node(node).sql
    if sql is None:
        raise AssertionError("the cluster file was not completed")
    return sql
