"""All nodes of a cluster, reached and kept in reach."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from distdiag_core.cluster import password
from distdiag_core.cluster.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.status import NodeStatus

# Each costs this machine some milliseconds of cryptography. Many, so that dead nodes seldom keep live ones waiting.
_CONNECTING_AT_ONCE = 64


class Cluster:
    """Reaches for the nodes as long as the context lasts; entering it waits for none of them."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.settings = settings
        self._listeners: list[Callable[[NodeStatus], None]] = []
        passwords = password.of_nodes(settings.nodes)
        self.nodes = tuple(Node(node, passwords[node.name], self._changed) for node in settings.nodes)
        self._by_name = {node.settings.name: node for node in self.nodes}
        self._lasting = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin to connect to every node."""
        async with AsyncExitStack() as lasting:
            group = await lasting.enter_async_context(asyncio.TaskGroup())
            ssh_gate, sql_gate = asyncio.Semaphore(_CONNECTING_AT_ONCE), asyncio.Semaphore(_CONNECTING_AT_ONCE)
            for node in self.nodes:
                task = group.create_task(node.keep(ssh_gate, sql_gate), name=f"node {node.settings.name}")
                lasting.callback(task.cancel)
            self._lasting = lasting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of every node."""
        await self._lasting.__aexit__(kind, error, trace)

    def node(self, name: str) -> Node:
        """The node called `name`.

        Raises:
            ConfigError: there is none.
        """
        return self._by_name[self.settings.node(name).name]

    def statuses(self) -> tuple[NodeStatus, ...]:
        """How every node is now, in the order of the cluster file."""
        return tuple(node.status for node in self.nodes)

    def on_change(self, callback: Callable[[NodeStatus], None]) -> None:
        """Call `callback` whenever a node's status changes, on the event loop; it must not block."""
        self._listeners.append(callback)

    def _changed(self, status: NodeStatus) -> None:
        for listener in self._listeners:
            listener(status)
