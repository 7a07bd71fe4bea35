"""A server of ours on loopback that answers views of OceanBase as each of its versions does.

It is no OceanBase: the rows are those of the documentation of each version, and whatever else is asked is denied or
does not exist, as there. It has the views of servers, of tenants and of statistics.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from tests.cluster.certificates import Authority
from tests.cluster.tls_server import NO_SUCH_COLUMN, NO_SUCH_TABLE, TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.cluster.tls_server import Rows

# Address, port of RPC, port of SQL, zone, status, and when it was stopped.
Server = tuple[str, int, int, str, str, str]
THREE: tuple[Server, ...] = (
    ("10.0.0.13", 2882, 2881, "z3", "INACTIVE", "None"),
    ("10.0.0.11", 2882, 2881, "z1", "ACTIVE", "None"),
    ("10.0.0.12", 2882, 2883, "z2", "ACTIVE", "2026-11-30 04:00:00"),
)
# Number, name, type, mode, role, status; and what its statistics say on this server.
Tenant = tuple[int, str, str, str, str, str]
TENANTS: tuple[Tenant, ...] = (
    (1, "sys", "SYS", "MYSQL", "PRIMARY", "NORMAL"),
    (1001, "META$1002", "META", "MYSQL", "PRIMARY", "NORMAL"),
    (1002, "shop", "USER", "MYSQL", "PRIMARY", "NORMAL"),
    (1004, "ledger", "USER", "ORACLE", "STANDBY", "NORMAL"),
)
STATISTICS = {1: 5, 1001: 10, 1002: 100, 1004: 1000}


@dataclass(frozen=True, slots=True)
class Version:
    """What a version shows to an account.

    Attributes:
        servers: the views of servers, each with the columns that it has beside those that all have.
        tenants: the view of tenants and its columns; empty where there is none.
        tenant: the column of V$SYSSTAT that has the tenant.
        own: the number of the account's tenant.
    """

    comment: str
    servers: dict[str, str]
    tenants: str = ""
    tenant_columns: str = ""
    tenant: str = "con_id"
    own: int = 1


_STATED = {"DBA_OB_SERVERS": "STATUS STOP_TIME", "GV$OB_SERVERS": ""}
_TENANT_COLUMNS = "TENANT_ID TENANT_NAME TENANT_TYPE COMPATIBILITY_MODE TENANT_ROLE STATUS"
_OF_USER = {"DBA_OB_LS_LOCATIONS": ""}
VERSIONS = {
    "4.4 sys": Version("OceanBase_CE 4.4.0.0", _STATED, "DBA_OB_TENANTS", _TENANT_COLUMNS),
    "4.3 sys": Version("OceanBase_CE 4.3.5.1", _STATED, "DBA_OB_TENANTS", _TENANT_COLUMNS),
    "4 sys": Version("OceanBase_CE 4.2.1.8", _STATED, "DBA_OB_TENANTS", _TENANT_COLUMNS),
    "4 without DBA views": Version(
        "OceanBase_CE 4.0.0.0", {"GV$OB_SERVERS": ""}, "DBA_OB_TENANTS", _TENANT_COLUMNS.replace(" TENANT_ROLE", "")
    ),
    "4 user tenant": Version("OceanBase_CE 4.2.1.8", _OF_USER, "DBA_OB_TENANTS", _TENANT_COLUMNS, own=1002),
    "4 user tenant without views": Version("OceanBase_CE 4.0.0.0", _OF_USER, own=1002),
    "3": Version(
        "OceanBase 3.1.4",
        {"__all_server": "inner_port status stop_time"},
        "__all_tenant",
        "tenant_id tenant_name compatibility_mode status",
        tenant="tenant_id",
    ),
}
_FROM = re.compile(r"FROM (?:oceanbase\.)?(\S+)")
_NUMBERS = re.compile(r"WHERE (\w+) IN \(([\d, ]+)\)")
_NAMES = re.compile(r"AND name IN \(([^)]+)\)")


class ServerViews:
    """What the server answers.

    Args:
        version: of `VERSIONS`.
        own: the address and the port of RPC of the server that is asked.

    Attributes:
        servers, tenants: those that there are; a test changes them as a cluster changes.
        denied: views that the account may not read.
    """

    def __init__(
        self, version: str, servers: Sequence[Server] = THREE, own: tuple[str, int] = ("10.0.0.11", 2882)
    ) -> None:
        self._version = VERSIONS[version]
        self.servers: Sequence[Server] = servers
        self.tenants: Sequence[Tenant] = TENANTS
        self.denied: frozenset[str] = frozenset()
        self._own = own

    def __call__(self, _connection: socket.socket, statement: str) -> Rows | int | None:
        if statement.startswith("SHOW VARIABLES"):
            return [("version_comment", self._version.comment)]
        if "HOST_IP()" in statement:
            return [(self._own[0], str(self._own[1]))]
        found = _FROM.search(statement)
        if found is None:
            return None
        view = found[1]
        if view in self.denied:
            return None
        if view in self._version.servers:
            return self._of_servers(statement, self._version.servers[view])
        if view == "V$SYSSTAT":
            return self._statistics(statement)
        if view == "DUAL":
            own = self._version.own
            return [(str(number), name, "", "", "", "") for number, name, *_ in self.tenants if number == own]
        if view == self._version.tenants:
            return self._of_tenants(statement)
        return NO_SUCH_TABLE

    def _of_servers(self, statement: str, has: str) -> Rows | None:
        if ("inner_port" in statement) != ("inner_port" in has):
            return None
        stated = "status" in has.lower()
        if stated and "stop_time" not in statement.lower():
            return None
        three = "inner_port" in has
        return [
            (
                host, str(rpc), str(sql), zone,
                (status.lower() if three else status) if stated else "",
                ("0" if three and stop == "None" else stop) if stated else "None",
            )
            for host, rpc, sql, zone, status, stop in self.servers
        ]  # fmt: skip

    def _seen(self) -> list[Tenant]:
        """The tenants that the account sees."""
        own = self._version.own
        return [tenant for tenant in self.tenants if own == 1 or tenant[0] in (own - 1, own)]

    def _of_tenants(self, statement: str) -> Rows | int:
        has = self._version.tenant_columns
        if "TENANT_ROLE" in statement and "TENANT_ROLE" not in has:
            return NO_SUCH_COLUMN
        return [
            (str(number), name, kind, mode, role if "TENANT_ROLE" in has else "", status)
            for number, name, kind, mode, role, status in self._seen()
            # There are none of the type META.
            if kind != "META" or "TENANT_TYPE" in has
        ]

    def _statistics(self, statement: str) -> Rows | int:
        asked = _NUMBERS.search(statement)
        if asked is None:
            # Whether the account may read the view.
            return [(1,)]
        column, numbers = asked.groups()
        if column != self._version.tenant:
            return NO_SUCH_COLUMN
        names = _NAMES.search(statement)[1].replace("'", "").split(", ")  # type: ignore[index]
        seen = {tenant[0] for tenant in self._seen()}
        values = [STATISTICS[int(each)] for each in numbers.split(", ") if int(each) in seen & set(STATISTICS)]
        clock_us = 5_000_000
        if "SUM(value)" in statement:
            values = [sum(values)] if values else []
        return [(name, value, clock_us) for name in names for value in values]

    def listening(self, directory: Path) -> TlsServer:
        """The server, on a port of its own."""
        return TlsServer(Authority(directory).sign("server"), requires=False, offers=False, answer=self)

    @asynccontextmanager
    async def connected(self, directory: Path, user: str = "watcher") -> AsyncIterator[MysqlDatabase]:
        """A connection to it, of the node n1."""
        with self.listening(directory) as server:
            sql = SqlSettings(user=user, port=server.port, read_timeout_s=60.0, connect_timeout_s=60.0)
            database = MysqlDatabase(NodeSettings("n1", "127.0.0.1", sql=sql), PasswordSource(sql))
            try:
                await database.open()
                yield database
            finally:
                await database.close()
