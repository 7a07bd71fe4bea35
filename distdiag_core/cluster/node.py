"""One node with its two links, SSH and SQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import SqlAccount
from distdiag_core.cluster.kubectl import kubectl_host
from distdiag_core.cluster.link import keep
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.pod_shell import PodShell
from distdiag_core.cluster.pods import PodAccess
from distdiag_core.cluster.sql_route import ForwardRoute, HostRoute, PodRoute
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.cluster.status import Link, LinkState, NodeStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from distdiag_core.cluster.connection_gate import ConnectionGate
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
    from distdiag_core.cluster.password import PasswordSource
    from distdiag_core.cluster.server_identity import ServerRegistry
    from distdiag_core.cluster.sql_route import SqlRoute


_NOT_REACHED = "the cluster file says that this node is not reached (connection: none)"
_UNUSED = Link(LinkState.UNUSED)


def shell_of(settings: NodeSettings) -> LocalShell | SshShell:
    """The shell of a host; nothing is connected yet."""
    return LocalShell(settings.name) if settings.connection == "local" else SshShell(settings)


def pod_access(settings: NodeSettings, kubernetes: KubernetesSettings | None) -> PodAccess | None:
    """The access to the pod of a node; None for a node that is no pod."""
    if settings.connection != "kubernetes" or kubernetes is None:
        return None
    return PodAccess(settings, kubernetes, shell_of(kubectl_host(settings.name, kubernetes, settings.ssh)))


def sql_route(settings: NodeSettings, access: PodAccess | None) -> SqlRoute:
    """The way of SQL to a node, which may be a pod."""
    if settings.sql is None:
        raise AssertionError("the cluster file was not completed")
    way = access.settings.sql if access is not None else "host"
    if access is None or way == "host":
        return HostRoute(settings.host, settings.sql.port)
    return (PodRoute if way == "pod_ip" else ForwardRoute)(access, settings.sql.port)


@asynccontextmanager
async def reached_sql_route(settings: NodeSettings, kubernetes: KubernetesSettings | None) -> AsyncIterator[SqlRoute]:
    """The way of SQL to a node, apart from the links of a cluster, for as long as the context lasts."""
    access = pod_access(settings, kubernetes)
    route = sql_route(settings, access)
    try:
        if access is not None:
            await access.control.open()
        yield route
    finally:
        await route.close()
        if access is not None:
            await access.control.close()


class Node:
    """A node with its shell and its database, whose links are kept up independently.

    Args:
        changed: called with every new status.
        servers: of the cluster, where nodes that are one server are found.
        kubernetes: where nodes are pods.
    """

    def __init__(
        self,
        settings: NodeSettings,
        password: PasswordSource,
        changed: Callable[[NodeStatus], None],
        servers: ServerRegistry,
        kubernetes: KubernetesSettings | None = None,
    ) -> None:
        access = pod_access(settings, kubernetes)
        self.settings = settings
        self.shell = PodShell(access) if access is not None else shell_of(settings)
        self.database = MysqlDatabase(settings, password, servers, sql_route(settings, access))
        self.account = SqlAccount(settings, password)
        self.status = NodeStatus(settings.name, settings.zone, shell="kubectl" if access is not None else "ssh")
        self._changed = changed
        if settings.connection == "none":
            for link in (self.shell, self.database):
                if isinstance(link, SshShell | MysqlDatabase):
                    link.leave_alone(_NOT_REACHED)
            self.status = replace(self.status, ssh=_UNUSED, sql=_UNUSED)

    async def keep(self, ssh_gate: ConnectionGate, sql_gate: ConnectionGate | None) -> None:
        """Keep both links up until cancelled; the gates bound how many of the cluster connect at once.

        Without `sql_gate` the database is left alone.
        """
        if self.settings.connection == "none":
            return
        async with asyncio.TaskGroup() as links:
            links.create_task(keep(self.shell, self._ssh_changed, ssh_gate))
            if sql_gate is not None:
                links.create_task(keep(self.database, self._sql_changed, sql_gate))

    def _ssh_changed(self, link: Link) -> None:
        self._become(replace(self.status, ssh=link))

    def _sql_changed(self, link: Link) -> None:
        self._become(replace(self.status, sql=link))

    def _become(self, status: NodeStatus) -> None:
        if status != self.status:
            self.status = status
            self._changed(status)
