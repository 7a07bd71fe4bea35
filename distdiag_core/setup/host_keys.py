"""The keys of hosts that are not trusted yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.cluster.known_hosts import HostKeyUnknownError
from distdiag_core.cluster.ssh import SshShell
from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.known_hosts import HostKey

_AT_ONCE = 16


async def unknown_host_keys(settings: ClusterSettings) -> tuple[HostKey, ...]:
    """The keys that nodes, and jump hosts on the way to them, present and that no file has; each once.

    A jump host hides what lies behind it: ask again when its key was accepted. A key that differs from the one that is
    known is no such key, and never comes here.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    found = await asyncio.gather(*(_presented(node, gate) for node in settings.nodes if node.connection == "ssh"))
    return _each_once(key for key in found if key is not None)


async def _presented(node: NodeSettings, gate: asyncio.Semaphore) -> HostKey | None:
    shell = SshShell(node)
    async with gate:
        try:
            await shell.open()
        except HostKeyUnknownError as error:
            return error.host_key
        except DistdiagError:
            # Whatever else is wrong with the node, its examination says.
            return None
        finally:
            await shell.close()
    return None


def _each_once(keys: Iterable[HostKey]) -> tuple[HostKey, ...]:
    return tuple({(key.line, key.file): key for key in keys}.values())
