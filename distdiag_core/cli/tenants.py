"""`distdiag tenants`: the tenants of the cluster, as its account sees them, and which are watched."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.run import run
from distdiag_core.errors import DistdiagError, UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.tenants import TenantList


@click.command()
@as_json
@click.pass_obj
def tenants(target: Target, *, as_json: bool) -> None:
    """The tenants that the SQL account sees, asked of the first node that answers.

    Which of them are watched is said by the key `tenants` of the cluster file.
    """
    settings = target.settings()
    found = run(_listed(settings))
    watched = settings.watched_tenants
    rows = [(tenant, watched == ("all",) or tenant.name in watched) for tenant in found.tenants]
    if found.limits:
        say(f"note: {found.limits}")
    for name in watched:
        if name not in ("all", *(tenant.name for tenant in found.tenants)):
            say(f"note: the tenant {name}, which the cluster file names, is not seen")
    if as_json:
        listed = [asdict(tenant) | {"watched": is_watched} for tenant, is_watched in rows]
        emit({"view": found.view, "limits": found.limits, "tenants": listed})
        return
    table(
        ("TENANT", "ID", "TYPE", "MODE", "ROLE", "STATUS", "WATCHED"),
        [
            (each.name, str(each.number), each.kind, each.mode, each.role, each.status, "yes" if is_watched else "")
            for each, is_watched in rows
        ],
    )


async def _listed(settings: ClusterSettings) -> TenantList:
    from distdiag_core.cluster.kubernetes_settings import kubernetes_of
    from distdiag_core.cluster.mysql import MysqlDatabase
    from distdiag_core.cluster.node import reached_sql_route
    from distdiag_core.cluster.password import of_nodes
    from distdiag_core.cluster.tenants import list_tenants

    passwords = of_nodes(settings.nodes)
    failure: DistdiagError = UnreachableError("no database answers", where=f"cluster {settings.name}")
    for node in settings.nodes:
        try:
            async with reached_sql_route(node, kubernetes_of(settings)) as route:
                database = MysqlDatabase(node, passwords[node.name], route=route)
                try:
                    await database.open()
                    return await list_tenants(database)
                finally:
                    await database.close()
        except UnreachableError as error:
            failure = error
    raise failure
