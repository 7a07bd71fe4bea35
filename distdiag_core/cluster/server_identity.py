"""What a database server says of itself at login, and nodes of a cluster whose databases are one server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Database, Row

_VARIABLES = ("hostname", "port", "server_id", "server_uuid", "server_uid", "datadir", "version_comment")
# Unlike @@name this is no error where the server lacks a variable, and needs no privilege.
_ABOUT = f"SHOW VARIABLES WHERE Variable_name IN {_VARIABLES}"
# What the views of OceanBase compare svr_ip and svr_port with.
_ADDRESS = "SELECT HOST_IP(), RPC_PORT()"
_OCEANBASE = "OceanBase"
SESSIONS_VIEW = "oceanbase.V$OB_PROCESSLIST"
LOCKS_VIEW = "oceanbase.GV$OB_LOCKS"
_SESSION = "information_schema.processlist"


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """The identity of a database server, by its own word.

    Attributes:
        variables: names of its machine, of itself and of its files.
        address: of OceanBase, svr_ip and svr_port; empty elsewhere.
    """

    variables: tuple[tuple[str, str], ...]
    address: tuple[str, ...] = ()

    @property
    def oceanbase(self) -> bool:
        """Whether it is one of OceanBase."""
        return _OCEANBASE in self._comment

    @property
    def mysql(self) -> bool:
        """Whether it is MySQL or MariaDB, or one that is like them; not where it does not say what it is."""
        return bool(self._comment) and not self.oceanbase

    @property
    def _comment(self) -> str:
        return dict(self.variables).get("version_comment", "")

    @property
    def unique(self) -> bool:
        """Whether no other server can say the same.

        The servers of a cluster of OceanBase reach each other by address, so that each has one of its own; a loopback
        address is that of the only server of its cluster, of which there may be many. The hostname and the UUID of
        MySQL are unique together; MariaDB has no UUID, and its UID is made of addresses that containers share.
        """
        if self.oceanbase:
            return bool(self.address) and not is_loopback(self.address[0])
        said = dict(self.variables)
        return bool(said.get("server_uuid") and said.get("hostname"))

    @property
    def described(self) -> str:
        """It in words."""
        said = dict(self.variables)
        if self.address:
            return f"svr_ip {self.address[0]}, svr_port {self.address[1]}"
        return ", ".join(f"{key} {said[key]}" for key in ("hostname", "port", "server_uuid") if said.get(key))

    def same(self, other: ServerIdentity) -> bool:
        """Whether both may be one server."""
        if self.oceanbase and other.oceanbase and self.unique and other.unique:
            return self.address == other.address
        return self == other


class ServerRegistry:
    """The servers that the nodes of a cluster are connected to.

    Args:
        nodes: their names, in the order of the cluster file.
    """

    def __init__(self, nodes: Sequence[str]) -> None:
        self._order = {name: place for place, name in enumerate(nodes)}
        self._known: dict[str, tuple[Database, ServerIdentity]] = {}

    def forget(self, node: str) -> None:
        """Take it that `node` is not connected any more."""
        self._known.pop(node, None)

    async def enter(self, database: Database) -> tuple[str, ...]:
        """Note which server a new connection is to; the nodes that have the same one, each in words."""
        self.forget(database.node)
        identity = await identify(database)
        if identity is None:
            return ()
        self._known[database.node] = (database, identity)
        notes = []
        for name, (other, theirs) in tuple(self._known.items()):
            if name == database.node or not identity.same(theirs):
                continue
            if identity.unique or await _sees(database, other, oceanbase=identity.oceanbase):
                notes.append(self._described(database.node, name, identity))
        return tuple(notes)

    def _described(self, one: str, other: str, identity: ServerIdentity) -> str:
        first, second = sorted((one, other), key=lambda name: self._order.get(name, 0))
        return (
            f"{first} and {second} are one database server ({identity.described}), whose figures are shown twice; "
            "name the server of each node itself, by host and sql.port"
        )


async def identify(database: Database) -> ServerIdentity | None:
    """What the server says of itself; None where it says nothing, or is gone."""
    rows = await _rows(database, _ABOUT)
    said = {str(row[0]).lower(): str(row[1]) for row in rows if len(row) == 2 and row[1] is not None}
    identity = ServerIdentity(tuple(sorted(said.items())))
    if not said or not identity.oceanbase:
        return identity if said else None
    (address, *_) = *await _rows(database, _ADDRESS), ()
    return ServerIdentity(identity.variables, tuple(map(str, address)))


async def _sees(database: Database, other: Database, *, oceanbase: bool) -> bool:
    """Whether the server of `database` has the session of `other`, by its number and the port that it came from."""
    table = SESSIONS_VIEW if oceanbase else _SESSION
    own = await _rows(other, f"SELECT id, host FROM {table} WHERE id = CONNECTION_ID()")  # noqa: S608 - one of two
    if len(own) != 1 or len(own[0]) != 2 or not own[0][1]:
        return False
    number, _ = own[0]
    statement = f"SELECT id, host FROM {table} WHERE id = %s AND id <> CONNECTION_ID()"  # noqa: S608 - one of two
    return await _rows(database, statement, number) == own


async def _rows(database: Database, statement: str, *parameters: object) -> list[Row]:
    try:
        return await database.query(statement, parameters)
    except (SqlError, UnreachableError):
        # An account may not be allowed to ask, and a gateway may not know the statement: then nothing is known.
        return []


def is_loopback(address: str) -> bool:
    """Whether an address means another machine on every machine, or none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return True
    return found.is_loopback or found.is_unspecified
