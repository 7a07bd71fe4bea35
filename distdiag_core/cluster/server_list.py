"""The servers of a cluster by its own views, asked of one of them, and where the cluster file differs from that."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from distdiag_core.cluster import engine_views
from distdiag_core.cluster.account import grant_of_views
from distdiag_core.cluster.engine_views import NO_SUCH_THING, SERVERS_OF_TENANT
from distdiag_core.cluster.server_identity import identify, is_loopback
from distdiag_core.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from distdiag_core.cluster.database import Database, Row
    from distdiag_core.cluster.inventory import NodeSettings

ACTIVE, STOPPED = "active", "stopped"
_NOT_STOPPED = frozenset({"", "0", "None"})
_RESOLVE_S = 5.0
Address = tuple[str, str]


class NoServerListError(UnsupportedError):
    """The database has no such view, as where it is no cluster of several servers."""


@dataclass(frozen=True, slots=True)
class ListedServer:
    """A server in the list of its cluster.

    Attributes:
        host: the address by which the servers reach each other.
        state: in lower case, such as `active`, `inactive`, `deleting`, `stopped`; empty where the view does not say it.
        asked: whether it is the server that gave the list.
    """

    host: str
    rpc_port: int
    sql_port: int
    zone: str
    state: str = ""
    asked: bool = False

    @property
    def address(self) -> Address:
        """The address as the server itself gives it."""
        return self.host, str(self.rpc_port)

    @property
    def place(self) -> str:
        """Where clients reach it."""
        return f"{self.host}:{self.sql_port}"


@dataclass(frozen=True, slots=True)
class ServerList:
    """The servers of a cluster, by zone and address, and the view that has them."""

    servers: tuple[ListedServer, ...]
    view: str

    @property
    def shared(self) -> bool:
        """Whether the addresses mean the same everywhere; loopback addresses are those of servers that stand alone."""
        return not any(is_loopback(server.host) for server in self.servers)

    @property
    def of_tenant(self) -> bool:
        """Whether the list has only the servers that hold data of one tenant."""
        return self.view == SERVERS_OF_TENANT.name


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the list of servers and the cluster file.

    Attributes:
        fix: the line that mends the file, if any.
        node: the node that differs; empty where the server is none.
    """

    what: str
    fix: str = ""
    node: str = ""


async def list_servers(database: Database, user: str = "root") -> ServerList:
    """The servers of the cluster that `database` belongs to, from the first view that the account may read.

    Raises:
        NoServerListError: there is none.
        UnsupportedError: no view can be read.
        UnreachableError: the database does not answer.
        DataError: the answer makes no sense.
    """
    answer = await engine_views.ask(database, engine_views.SERVERS, distinct=True)
    if answer.view is not None:
        return await _marked(ServerList(_ordered(map(_server, answer.rows)), answer.view.name), database)
    refusals = answer.refusals
    if refusals and all(error.code in NO_SUCH_THING for error in refusals):
        raise NoServerListError("the database has no list of servers, as one that stands alone", hint="name every node")
    why = next((error.what for error in refusals if error.code not in NO_SUCH_THING), "its views are empty")
    raise UnsupportedError(
        f"the database gives no list of its servers: {why}",
        hint=f"{grant_of_views(user)}, or name every node yourself",
    )


def differences(
    listed: ServerList, nodes: Sequence[NodeSettings], addresses: Mapping[str, frozenset[Address]]
) -> tuple[Difference, ...]:
    """The servers that no node is, the nodes that are no server, zones that differ, and servers that are not active.

    Args:
        addresses: of each node, those of `node_addresses`.
    """
    found: list[Difference] = []
    taken: set[str] = set()
    names = free_names(node.name for node in nodes)
    for server in listed.servers:
        here = {server.address, (server.host, f"sql {server.sql_port}")}
        node = next((each for each in nodes if here & addresses.get(each.name, frozenset())), None)
        if node is None:
            found.append(_unknown(server, nodes, next(names)))
            continue
        taken.add(node.name)
        found += _of_node(server, node)
    for node in nodes:
        if node.name not in taken and not listed.of_tenant:
            what = f"{node.name} ({node.host}) is none of the servers of the cluster"
            found.append(Difference(what, node=node.name))
    return tuple(found)


async def node_addresses(node: NodeSettings, database: Database | None) -> frozenset[Address]:
    """The addresses under which a node may stand in the list: by its own word where it answers, and by its host."""
    found: set[Address] = set()
    if database is not None and (identity := await identify(database)) is not None and len(identity.address) == 2:
        found.add((identity.address[0], identity.address[1]))
    port = node.sql.port if node.sql is not None else 0
    return frozenset(found | {(host, f"sql {port}") for host in (node.host, *await _resolved(node.host))})


def _of_node(server: ListedServer, node: NodeSettings) -> Iterable[Difference]:
    if node.zone and node.zone != server.zone:
        yield Difference(
            f"{node.name} is in the zone {server.zone}, and in {node.zone} by the cluster file",
            f"in the cluster file, give {node.name}: zone: {server.zone}",
            node.name,
        )
    if server.state not in ("", ACTIVE):
        yield Difference(f"{node.name} ({server.place}) is {server.state}", node=node.name)


def free_names(taken: Iterable[str]) -> Iterator[str]:
    """Names for further nodes: n1, n2 and so on, without those that are taken."""
    there_are = set(taken)
    return (name for number in count(1) if (name := f"n{number}") not in there_are)


def _unknown(server: ListedServer, nodes: Sequence[NodeSettings], name: str) -> Difference:
    usual = {node.sql.port for node in nodes if node.sql is not None}
    port = "" if server.sql_port in usual else f", sql: {{port: {server.sql_port}}}"
    state = "" if server.state in ("", ACTIVE) else f", {server.state}"
    return Difference(
        f"{server.place} in the zone {server.zone}{state} is not in the cluster file: it is not watched",
        f"in the cluster file, below nodes: - {{name: {name}, host: {server.host}, zone: {server.zone}{port}}}",
    )


def _server(row: Row) -> ListedServer:
    if len(row) != 6:
        raise DataError("the list of servers has rows of another shape", where="sql")
    host, rpc_port, sql_port, zone, status, stopped = map(str, row)
    state = status.lower()
    try:
        ports = int(rpc_port), int(sql_port)
    except ValueError:
        raise DataError("the list of servers has a port that is no number", where="sql") from None
    return ListedServer(host, *ports, zone, STOPPED if state == ACTIVE and stopped not in _NOT_STOPPED else state)


def _ordered(servers: Iterable[ListedServer]) -> tuple[ListedServer, ...]:
    return tuple(sorted(servers, key=lambda each: (each.zone, each.host, each.rpc_port)))


async def _marked(listed: ServerList, database: Database) -> ServerList:
    """The list with the mark on the server that gave it."""
    identity = await identify(database)
    own = identity.address if identity is not None else ()
    alone = len(listed.servers) == 1
    marked = (replace(each, asked=alone or each.address == own) for each in listed.servers)
    return replace(listed, servers=tuple(marked))


async def _resolved(host: str) -> tuple[str, ...]:
    with suppress(OSError, UnicodeError, ValueError, TimeoutError):
        async with asyncio.timeout(_RESOLVE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
            return tuple(dict.fromkeys(str(each[4][0]) for each in found))
    return ()
