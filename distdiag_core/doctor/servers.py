"""The cluster's own list of servers beside the cluster file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.cluster.server_list import NoServerListError, differences, list_servers, node_addresses
from distdiag_core.doctor.report import Check, graded
from distdiag_core.errors import DataError, DistdiagError, UnreachableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.node import Node

_BOUND_S = 20.0
# The list is the same on every server; a few are asked where the first do not give it.
_MOST_ASKED = 3


async def check_servers(nodes: Sequence[Node]) -> Check | None:
    """Whether the cluster file has the servers that the cluster has; None where no database was reached."""
    try:
        async with asyncio.timeout(_BOUND_S):
            return await _check(nodes)
    except (TimeoutError, DistdiagError):
        return graded("servers", "not known", ("a server that the cluster file lacks would go unnoticed",))


async def _check(nodes: Sequence[Node]) -> Check | None:
    reached = [node for node in nodes if node.database.connected]
    if not reached:
        return None
    why = ""
    for node in reached[:_MOST_ASKED]:
        user = node.settings.sql.user if node.settings.sql is not None else ""
        try:
            listed = await list_servers(node.database, user)
        except NoServerListError as error:
            return graded("servers", error.what)
        except (UnsupportedError, UnreachableError, DataError) as error:
            why, hint = error.what, error.hint
            continue
        if not listed.shared:
            return graded("servers", f"{node.settings.name} is the only server of its cluster")
        found = await asyncio.gather(
            *(node_addresses(each.settings, each.database if each in reached else None) for each in nodes)
        )
        addresses = {each.settings.name: known for each, known in zip(nodes, found, strict=True)}
        wrong = differences(listed, [each.settings for each in nodes], addresses)
        zones = {server.zone for server in listed.servers}
        return graded(
            "servers",
            f"{len(listed.servers)} servers in {len(zones)} zones by {listed.view.removeprefix('oceanbase.')}",
            tuple(each.what for each in wrong),
            tuple(each.fix for each in wrong if each.fix),
        )
    cost = "a server that the cluster file lacks would go unnoticed"
    return graded("servers", f"not known: {why}", (cost,), (hint,) if hint else ())
