"""The database of a node that a benchmark is prepared, checked and run on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.cluster import tls
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.workloads.benchmark import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings, SqlSettings
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
        database = MysqlDatabase(self._settings.node(name), self._passwords[name])
        try:
            await database.open()
            await database.query("SET SESSION ob_query_timeout = %s", (round(_QUERY_TIMEOUT_S * 1e6),))
            yield database
        finally:
            await database.close()

    async def endpoint(self, node: str | None = None) -> Endpoint:
        """The endpoint of `node` for client programs.

        Raises:
            UnreachableError: the password or a certificate could not be read.
        """
        name = node or self.node
        settings = self._settings.node(name)
        sql = sql_of(self._settings, name)
        # The client library of MySQL connects to "localhost" through a socket file.
        host = "127.0.0.1" if settings.host == "localhost" else settings.host
        certificates = tls.read(sql.tls, settings.host) if sql.tls is not None else None
        return Endpoint(host, sql.port, sql.user, await self._passwords[name].get(), certificates)


def sql_of(settings: ClusterSettings, node: str) -> SqlSettings:
    """The SQL settings of `node`."""
    sql = settings.node(node).sql
    if sql is None:
        raise AssertionError("the cluster file was not completed")
    return sql
