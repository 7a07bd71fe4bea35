"""The databases that a benchmark is prepared on, as the preparation of one node sees them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.workloads.benchmark import Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings, SqlSettings
    from distdiag_core.cluster.password import PasswordSource

# By itself the engine gives up after 10 s: too soon under load for a count of a large table, or for a statement that
# waits for another node's rows.
_PATIENCE_S = 60.0


class BenchmarkTarget:
    """One node, and the others of the request beside it.

    Attributes:
        node: the one to work on.
        nodes: all nodes of the request, in the order of the request, `node` among them.
        cluster: all nodes of the cluster file, in its order.
    """

    def __init__(
        self, settings: ClusterSettings, passwords: Mapping[str, PasswordSource], node: str, nodes: tuple[str, ...]
    ) -> None:
        self.node = node
        self.nodes = nodes
        self.cluster = tuple(each.name for each in settings.nodes)
        self._settings = settings
        self._passwords = passwords

    @asynccontextmanager
    async def database(self, node: str | None = None) -> AsyncIterator[MysqlDatabase]:
        """A connection of its own to `node`: the one that watches the node must not wait for a batch."""
        name = node or self.node
        database = MysqlDatabase(self._settings.node(name), self._passwords[name])
        try:
            await database.open()
            await database.query("SET SESSION ob_query_timeout = %s", (round(_PATIENCE_S * 1e6),))
            yield database
        finally:
            await database.close()

    async def endpoint(self, node: str | None = None) -> Endpoint:
        """How clients of ours reach `node`.

        Raises:
            UnreachableError: its password cannot be had.
        """
        name = node or self.node
        settings = self._settings.node(name)
        sql = sql_of(self._settings, name)
        # The client library of MySQL takes "localhost" for a socket file.
        host = "127.0.0.1" if settings.host == "localhost" else settings.host
        return Endpoint(host, sql.port, sql.user, await self._passwords[name].get())


def sql_of(settings: ClusterSettings, node: str) -> SqlSettings:
    """How the database of `node` is reached."""
    sql = settings.node(node).sql
    if sql is None:
        raise AssertionError("the cluster file was not completed")
    return sql
