"""The nodes of a cluster and their links."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from distdiag_core.cluster import password
from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.kubernetes_settings import kubernetes_of
from distdiag_core.cluster.link import keep
from distdiag_core.cluster.node import Node, shell_of
from distdiag_core.cluster.server_identity import ServerRegistry
from distdiag_core.cluster.ssh import SshShell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.status import Link, NodeStatus


class Cluster:
    """All nodes of a cluster, with their links kept up while the context lasts; entering it waits for none of them.

    Args:
        sql: also for their databases.
        control_host: a further host to reach, as an injection backend may ask for one.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        sql: bool = True,
        control_host: NodeSettings | None = None,
        load_hosts: Sequence[NodeSettings] = (),
    ) -> None:
        self.settings = settings
        self._sql = sql
        self._listeners: list[Callable[[NodeStatus], None]] = []
        self._passwords = password.of_nodes(settings.nodes)
        servers = ServerRegistry([node.name for node in settings.nodes])
        kubernetes = kubernetes_of(settings)
        self.nodes = tuple(
            Node(node, self._passwords[node.name], self._changed, servers, kubernetes) for node in settings.nodes
        )
        self._by_name = {node.settings.name: node for node in self.nodes}
        self.control_host = shell_of(control_host) if control_host is not None else None
        self.load_hosts = {host.name: shell_of(host) for host in load_hosts}
        self._lasting = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start to connect to every node."""
        async with AsyncExitStack() as lasting:
            group = await lasting.enter_async_context(asyncio.TaskGroup())
            ssh_gate = ConnectionGate()
            sql_gate = ConnectionGate() if self._sql else None
            for node in self.nodes:
                task = group.create_task(node.keep(ssh_gate, sql_gate), name=f"node {node.settings.name}")
                lasting.callback(task.cancel)
            further = (self.control_host,) if self.control_host is not None else ()
            for shell in (*further, *self.load_hosts.values()):
                lasting.callback(group.create_task(keep(shell, _tell_nobody, ssh_gate)).cancel)
            self._lasting = lasting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all links."""
        await self._lasting.__aexit__(kind, error, trace)

    def node(self, name: str) -> Node:
        """The node called `name`.

        Raises:
            ConfigError: there is none.
        """
        return self._by_name[self.settings.node(name).name]

    def statuses(self) -> tuple[NodeStatus, ...]:
        """The status of every node, in the order of the cluster file."""
        return tuple(node.status for node in self.nodes)

    def ssh_users(self, nodes: Sequence[str]) -> tuple[str, ...]:
        """The SSH accounts on these nodes, or on all when none is named; each once."""
        shells = (node.shell for node in self.nodes if not nodes or node.settings.name in nodes)
        return tuple(sorted({shell.user for shell in shells if isinstance(shell, SshShell)}))

    def without_secrets(self, text: str) -> str:
        """The text with the password of every node replaced."""
        for source in set(self._passwords.values()):
            text = source.hide(text)
        return text

    def on_change(self, callback: Callable[[NodeStatus], None]) -> None:
        """Call `callback` whenever a node's status changes, on the event loop; it must not block."""
        self._listeners.append(callback)

    def _changed(self, status: NodeStatus) -> None:
        for listener in self._listeners:
            listener(status)


def _tell_nobody(_link: Link) -> None:
    """Ignore the state of the control host's link: a request to it fails with the reason."""
