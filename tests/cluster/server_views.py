"""A server of ours on loopback that answers the views of servers as each version of OceanBase has them.

It is no OceanBase: the rows are those of the documentation of each version, and whatever else is asked gets none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.cluster.certificates import Authority
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

# Address, port of RPC, port of SQL, zone, status, and when it was stopped.
Server = tuple[str, int, int, str, str, str]
THREE: tuple[Server, ...] = (
    ("10.0.0.13", 2882, 2881, "z3", "INACTIVE", "None"),
    ("10.0.0.11", 2882, 2881, "z1", "ACTIVE", "None"),
    ("10.0.0.12", 2882, 2883, "z2", "ACTIVE", "2026-11-30 04:00:00"),
)
# By version and account: the version, and the views that there are for it, each with the columns that it has.
VERSIONS = {
    "4 sys": ("OceanBase_CE 4.2.1.8", {"DBA_OB_SERVERS": "STATUS STOP_TIME", "GV$OB_SERVERS": ""}),
    "4 without DBA views": ("OceanBase_CE 4.0.0.0", {"GV$OB_SERVERS": ""}),
    "4 user tenant": ("OceanBase_CE 4.2.1.8", {"DBA_OB_LS_LOCATIONS": ""}),
    "3": ("OceanBase 3.1.4", {"__all_server": "inner_port status stop_time"}),
}
_FROM = re.compile(r"FROM oceanbase\.(\S+)$")


class ServerViews:
    """What the server answers.

    Args:
        version: of `VERSIONS`.
        own: the address and the port of RPC of the server that is asked.
    """

    def __init__(
        self, version: str, servers: Sequence[Server] = THREE, own: tuple[str, int] = ("10.0.0.11", 2882)
    ) -> None:
        self._version, self._views = VERSIONS[version]
        self._servers, self._own = servers, own

    def __call__(self, _connection: socket.socket, statement: str) -> list[tuple[str, ...]] | None:
        if statement.startswith("SHOW VARIABLES"):
            return [("version_comment", self._version)]
        if "HOST_IP()" in statement:
            return [(self._own[0], str(self._own[1]))]
        found = _FROM.search(statement)
        if found is None or found[1] not in self._views:
            return None
        has = self._views[found[1]]
        if ("inner_port" in statement) != ("inner_port" in has):
            return None
        stated = "status" in has.lower()
        if stated and "stop_time" not in statement.lower():
            return None
        three = self._version == VERSIONS["3"][0]
        return [
            (
                host, str(rpc), str(sql), zone,
                (status.lower() if three else status) if stated else "",
                ("0" if three and stop == "None" else stop) if stated else "None",
            )
            for host, rpc, sql, zone, status, stop in self._servers
        ]  # fmt: skip

    def listening(self, directory: Path) -> TlsServer:
        """The server, on a port of its own."""
        return TlsServer(Authority(directory).sign("server"), requires=False, offers=False, answer=self)
