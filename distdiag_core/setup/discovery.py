"""The other nodes of a cluster, by the list of servers of one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.server_list import ACTIVE, NoServerListError, free_names, list_servers
from distdiag_core.setup.cluster_draft import NodeDraft

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.server_list import ListedServer
    from distdiag_core.setup.cluster_draft import ClusterDraft


@dataclass(frozen=True, slots=True)
class Discovery:
    """A draft with the nodes that were found, and what the operator is to know of them."""

    draft: ClusterDraft
    notes: tuple[str, ...]


async def discover(draft: ClusterDraft) -> Discovery:
    """The draft with all servers of the cluster, asked of its first node.

    The server that was asked keeps the address that it was reached by, and each server gets its zone.

    Raises:
        DistdiagError: the node cannot be asked, or does not say it.
    """
    node = draft.settings().nodes[0]
    if node.sql is None:
        raise AssertionError("the cluster file was not completed")
    database = MysqlDatabase(node, PasswordSource(node.sql))
    try:
        await database.open()
        listed = await list_servers(database, node.sql.user)
    except NoServerListError as error:
        return Discovery(draft, (error.what,))
    finally:
        await database.close()
    if not listed.shared:
        return Discovery(draft, ("the server is the only one of its cluster",))
    names = free_names(())
    usual = node.sql.port
    nodes = [_node(server, next(names), draft.nodes[0], usual) for server in listed.servers]
    view = listed.view.removeprefix("oceanbase.")
    notes = [f"{len(nodes)} servers by {view}"]
    if listed.of_tenant:
        notes.append("these hold data of the tenant; an account of the tenant sys is told of all servers")
    notes += [
        f"{made.name} ({server.place}) is {server.state}"
        for made, server in zip(nodes, listed.servers, strict=True)
        if server.state not in ("", ACTIVE)
    ]
    if not any(server.asked for server in listed.servers):
        notes.append(f"{node.host} is none of them: it may be a proxy, and is left out")
    return Discovery(replace(draft, nodes=tuple(nodes)), (*notes, *_elsewhere(listed.servers, node)))


def _node(server: ListedServer, name: str, first: NodeDraft, usual: int) -> NodeDraft:
    if server.asked:
        return replace(first, name=name, zone=server.zone)
    return NodeDraft(name, server.host, server.zone, server.sql_port if server.sql_port != usual else None)


def _elsewhere(servers: tuple[ListedServer, ...], node: NodeSettings) -> tuple[str, ...]:
    """A note where the servers know each other by other addresses than the operator has."""
    own = next((server.host for server in servers if server.asked), node.host)
    if len(servers) == 1 or own == node.host or node.connection == "local":
        return ()
    return (f"{node.host} is {own} among the servers: check that the other addresses are reached from here",)
