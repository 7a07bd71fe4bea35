"""The other nodes of a cluster, by the list of servers of one of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.server_identity import identify
from distdiag_core.cluster.server_list import ACTIVE, NoServerListError, free_names, list_servers
from distdiag_core.cluster.tenants import list_tenants
from distdiag_core.errors import DistdiagError, NotListeningError, UnsupportedError
from distdiag_core.setup.cluster_draft import NodeDraft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
    from distdiag_core.cluster.server_identity import ServerIdentity
    from distdiag_core.cluster.server_list import ListedServer, ServerList
    from distdiag_core.cluster.tenants import TenantList
    from distdiag_core.setup.cluster_draft import ClusterDraft

# Of MySQL and MariaDB, which have none of the statistics of OceanBase.
_MYSQL_SOURCES = ("host", "mysql_status")
_PORTS = "check that the server runs there, and its port for SQL: 2881 of an observer, 2883 of OBProxy, 3306 of MySQL"


@dataclass(frozen=True, slots=True)
class Discovery:
    """A draft with the nodes that were found, and what the operator is to know of them."""

    draft: ClusterDraft
    notes: tuple[str, ...]


async def discover(draft: ClusterDraft) -> Discovery:
    """The draft with all servers of the cluster, asked of its first node.

    The server that was asked keeps the address that it was reached by, and each server gets its zone. MySQL and MariaDB
    have no such list.

    Raises:
        DistdiagError: the node cannot be asked, or does not say it.
    """
    node = draft.settings().nodes[0]
    account, database = _sql_of(node), _database(node)
    try:
        await _open(database)
        identity = await identify(database)
        if identity is not None and identity.mysql:
            return _of_mysql(draft, identity, "which has no list of servers: name every node")
        tenants = await _tenants(database)
        listed = await list_servers(database, account.user)
    except NoServerListError as error:
        return Discovery(_with_tenant(draft, tenants), (error.what, *_of_tenants(tenants)))
    finally:
        await database.close()
    if not listed.shared:
        alone = "the server is the only one of its cluster"
        return Discovery(_with_tenant(draft, tenants), (alone, *_of_tenants(tenants)))
    names = free_names(())
    nodes = tuple(_node(server, next(names), draft.nodes[0], account.port) for server in listed.servers)
    notes = (*_of_servers(listed, nodes, node), *_of_tenants(tenants))
    return Discovery(replace(_with_tenant(draft, tenants), nodes=nodes), notes)


async def recognize(draft: ClusterDraft) -> Discovery:
    """The draft with the sources that its servers have, by the word of the first node that answers."""
    for node in draft.settings().nodes:
        database = _database(node)
        try:
            await database.open()
            identity = await identify(database)
        except DistdiagError:
            # The examination says why.
            continue
        finally:
            await database.close()
        return _of_mysql(draft, identity) if identity is not None and identity.mysql else Discovery(draft, ())
    return Discovery(draft, ())


async def _open(database: MysqlDatabase) -> None:
    try:
        await database.open()
    except NotListeningError as error:
        raise NotListeningError(error.what, where=error.where, hint=_PORTS) from error


def _database(node: NodeSettings) -> MysqlDatabase:
    return MysqlDatabase(node, PasswordSource(_sql_of(node)))


def _sql_of(node: NodeSettings) -> SqlSettings:
    if node.sql is None:
        raise AssertionError("the cluster file was not completed")
    return node.sql


def _of_mysql(draft: ClusterDraft, identity: ServerIdentity, *notes: str) -> Discovery:
    said = dict(identity.variables)["version_comment"]
    text = ", ".join((f"the server is no OceanBase but {said}", *notes))
    return Discovery(replace(draft, sources=_MYSQL_SOURCES), (text,))


async def _tenants(database: MysqlDatabase) -> TenantList | None:
    """The tenants that the account sees; None where there are none."""
    with suppress(UnsupportedError):
        return await list_tenants(database)
    return None


def _with_tenant(draft: ClusterDraft, listed: TenantList | None) -> ClusterDraft:
    """The draft that watches what was asked for, or the tenant of an account that sees no other."""
    if draft.tenants or listed is None or listed.own is None:
        return draft
    return replace(draft, tenants=(listed.own.name,))


def _of_tenants(listed: TenantList | None) -> tuple[str, ...]:
    if listed is None:
        return ()
    names = ", ".join(tenant.described for tenant in listed.tenants if tenant.kind != "meta")
    return (f"tenants by {listed.view}: {names}", *((listed.limits,) if listed.limits else ()))


def _node(server: ListedServer, name: str, first: NodeDraft, usual: int) -> NodeDraft:
    if server.asked:
        return replace(first, name=name, zone=server.zone)
    return NodeDraft(name, server.host, server.zone, server.sql_port if server.sql_port != usual else None)


def _of_servers(listed: ServerList, nodes: tuple[NodeDraft, ...], asked: NodeSettings) -> Iterator[str]:
    """Notes on the servers that were found, and on the one that was asked."""
    yield f"{len(nodes)} servers by {listed.view.removeprefix('oceanbase.')}"
    if listed.of_tenant:
        yield "these hold data of the tenant; an account of the tenant sys is told of all servers"
    for made, server in zip(nodes, listed.servers, strict=True):
        if server.state not in ("", ACTIVE):
            yield f"{made.name} ({server.place}) is {server.state}"
    if not any(server.asked for server in listed.servers):
        yield f"{asked.host} is none of them: it may be a proxy, and is left out"
    yield from _elsewhere(listed.servers, asked)


def _elsewhere(servers: tuple[ListedServer, ...], node: NodeSettings) -> tuple[str, ...]:
    """A note where the servers know each other by other addresses than the operator has."""
    own = next((server.host for server in servers if server.asked), node.host)
    if len(servers) == 1 or own == node.host or node.connection == "local":
        return ()
    return (f"{node.host} is {own} among the servers: check that the other addresses are reached from here",)
