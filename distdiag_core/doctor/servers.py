"""The cluster's own lists of servers and of tenants beside the cluster file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.cluster.server_comparison import compare
from distdiag_core.cluster.server_list import NoServerListError
from distdiag_core.cluster.tenants import list_tenants
from distdiag_core.doctor.report import Check, graded
from distdiag_core.errors import DataError, DistdiagError, UnreachableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from distdiag_core.cluster.node import Node

_BOUND_S = 20.0
_UNNOTICED = "a server that the cluster file lacks would go unnoticed"


async def check_servers(nodes: Sequence[Node]) -> Check | None:
    """Whether the cluster file has the servers that the cluster has; None where no database was reached."""
    return await _bounded("servers", _check_servers(nodes), _UNNOTICED)


async def check_tenants(nodes: Sequence[Node], watched: Sequence[str]) -> Check | None:
    """Which tenants the account sees, with their roles, and which are watched; None where no database was reached."""
    return await _bounded("tenants", _check_tenants(nodes, watched), "which tenants there are is not known")


async def _bounded(name: str, check: Awaitable[Check | None], cost: str) -> Check | None:
    try:
        async with asyncio.timeout(_BOUND_S):
            return await check
    except (TimeoutError, DistdiagError):
        return graded(name, "not known", (cost,))


async def _check_servers(nodes: Sequence[Node]) -> Check | None:
    try:
        found = await compare(nodes)
    except NoServerListError as error:
        return graded("servers", error.what)
    except (UnsupportedError, UnreachableError, DataError) as error:
        return graded("servers", f"not known: {error.what}", (_UNNOTICED,), (error.hint,) if error.hint else ())
    if found is None:
        return None
    listed = found.listed
    if not listed.shared:
        return graded("servers", f"{found.asked} is the only server of its cluster")
    zones = {server.zone for server in listed.servers}
    return graded(
        "servers",
        f"{len(listed.servers)} servers in {len(zones)} zones by {listed.view.removeprefix('oceanbase.')}",
        tuple(each.what for each in found.differences),
        tuple(each.fix for each in found.differences if each.fix),
    )


async def _check_tenants(nodes: Sequence[Node], watched: Sequence[str]) -> Check | None:
    node = next((node for node in nodes if node.database.connected), None)
    if node is None:
        return None
    try:
        listed = await list_tenants(node.database)
    except UnsupportedError as error:
        return graded("tenants", error.what)
    found = ", ".join(tenant.described for tenant in listed.tenants if tenant.kind != "meta")
    user = node.settings.sql.user if node.settings.sql is not None else ""
    try:
        listed.chosen(watched, user)
    except DistdiagError as error:
        return graded("tenants", found, (f"{error.where}: {error.what}",), (error.hint,))
    costs = (listed.limits,) if listed.limits else ()
    return graded("tenants", f"{found}; watched: {', '.join(watched)}", costs)
