"""One node with its two links, SSH and SQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import SqlAccount
from distdiag_core.cluster.link import keep
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.cluster.status import Link, NodeStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.password import PasswordSource
    from distdiag_core.cluster.server_identity import ServerRegistry


def shell_of(settings: NodeSettings) -> LocalShell | SshShell:
    """The shell of a host; nothing is connected yet."""
    return LocalShell(settings.name) if settings.connection == "local" else SshShell(settings)


class Node:
    """A node with its shell and its database, whose links are kept up independently.

    Args:
        changed: called with every new status.
        servers: of the cluster, where nodes that are one server are found.
    """

    def __init__(
        self,
        settings: NodeSettings,
        password: PasswordSource,
        changed: Callable[[NodeStatus], None],
        servers: ServerRegistry,
    ) -> None:
        self.settings = settings
        self.shell = shell_of(settings)
        self.database = MysqlDatabase(settings, password, servers)
        self.account = SqlAccount(settings, password)
        self.status = NodeStatus(settings.name, settings.zone)
        self._changed = changed

    async def keep(self, ssh_gate: asyncio.Semaphore, sql_gate: asyncio.Semaphore | None) -> None:
        """Keep both links up until cancelled; the gates bound how many of the cluster connect at once.

        Without `sql_gate` the database is left alone.
        """
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
