"""Nodes whose databases are one server, and others that only look so."""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.server_identity import ServerRegistry
from tests.cluster.certificates import Authority
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncGenerator
    from pathlib import Path

MYSQL = {"hostname": "db", "port": "3306", "server_id": "1", "datadir": "/var/lib/mysql/", "version_comment": "MySQL"}
UUID = {"server_uuid": "7c5a1c1e-0000-11ef-8000-02fc00000001"}
OCEANBASE = {"hostname": "", "port": "2881", "server_uuid": "u", "version_comment": "OceanBase 4.3.5.3"}


class Engine:
    """What a server says of itself, and its list of sessions."""

    def __init__(self, variables: dict[str, str] | None, address: tuple[str, str] | None = None) -> None:
        self._variables = variables
        self._address = address
        self._numbers = itertools.count(1)
        self._sessions: dict[tuple[str, int], int] = {}
        self.statements: list[str] = []

    def answer(self, connection: socket.socket, statement: str) -> list[tuple[str, ...]] | None:
        self.statements.append(statement)
        peer = connection.getpeername()
        own = self._sessions.setdefault(peer, next(self._numbers))
        if statement.startswith("SHOW VARIABLES"):
            return None if self._variables is None else list(self._variables.items())
        if "HOST_IP()" in statement:
            return None if self._address is None else [self._address]
        assert "PROCESSLIST" in statement.upper()
        rows = [(str(number), f"{host}:{port}") for (host, port), number in self._sessions.items()]
        asked = re.search(r"id = '?(\d+)'?", statement)
        return [row for row in rows if row[0] == (asked.group(1) if asked else str(own))]


@asynccontextmanager
async def reached(tmp_path: Path, *engines: Engine) -> AsyncGenerator[list[MysqlDatabase]]:
    """A node for each of the engines, in order; one engine may be several nodes."""
    files = Authority(tmp_path).sign("server")
    servers = ServerRegistry([f"n{index}" for index in range(1, len(engines) + 1)])
    async with AsyncExitStack() as open_nodes:
        with ExitStack() as listening:
            ports = {
                engine: listening.enter_context(TlsServer(files, requires=False, answer=engine.answer)).port
                for engine in dict.fromkeys(engines)
            }
            nodes = []
            for index, engine in enumerate(engines, 1):
                sql = SqlSettings(port=ports[engine], connect_timeout_s=20, read_timeout_s=20)
                node = MysqlDatabase(NodeSettings(f"n{index}", "127.0.0.1", sql=sql), PasswordSource(sql), servers)
                open_nodes.push_async_callback(node.close)
                await node.open()
                nodes.append(node)
            yield nodes
            for node in nodes:
                await node.close()


async def notes(tmp_path: Path, *engines: Engine) -> list[tuple[str, ...]]:
    async with reached(tmp_path, *engines) as nodes:
        return [node.notes for node in nodes]


async def test_one_server_of_mysql_is_named(tmp_path: Path) -> None:
    engine = Engine(MYSQL | UUID)
    (first, second) = await notes(tmp_path, engine, engine)
    assert first == ()
    assert second == (
        (
            "n1 and n2 are one database server "
            "(hostname db, port 3306, server_uuid 7c5a1c1e-0000-11ef-8000-02fc00000001), "
            "whose figures are shown twice; name the server of each node itself, by host and sql.port"
        ),
    )


async def test_one_observer_of_oceanbase_behind_two_addresses_is_named(tmp_path: Path) -> None:
    # A gateway in between: each has another list of sessions.
    one, other = (Engine(OCEANBASE, ("10.0.0.1", "2882")) for _ in range(2))
    _, (note,) = await notes(tmp_path, one, other)
    assert note.startswith("n1 and n2 are one database server (svr_ip 10.0.0.1, svr_port 2882), ")


async def test_observers_of_one_cluster_are_several(tmp_path: Path) -> None:
    # They share their variables, the UUID as well.
    engines = [
        Engine(OCEANBASE, address) for address in (("10.0.0.1", "2882"), ("10.0.0.2", "2882"), ("10.0.0.1", "3882"))
    ]
    assert await notes(tmp_path, *engines) == [(), (), ()]


@pytest.mark.parametrize(
    ("variables", "address"),
    [(MYSQL | {"version_comment": "MariaDB"}, None), (OCEANBASE, ("127.0.0.1", "2882")), (OCEANBASE, None)],
)
async def test_servers_that_say_the_same_are_told_apart_by_their_sessions(
    tmp_path: Path, variables: dict[str, str], address: tuple[str, str] | None
) -> None:
    one, other = (Engine(variables, address) for _ in range(2))
    assert await notes(tmp_path, one, other) == [(), ()]
    _, (note,) = await notes(tmp_path, one, one)
    assert note.startswith("n1 and n2 are one database server (")


async def test_account_that_may_not_ask_still_connects(tmp_path: Path) -> None:
    engine = Engine(None)
    assert await notes(tmp_path, engine, engine) == [(), ()]
    assert len(engine.statements) == 2


async def test_server_that_moved_is_no_longer_that_of_the_node_it_was(tmp_path: Path) -> None:
    engine = Engine(MYSQL | UUID)
    async with reached(tmp_path, engine, engine) as (first, second):
        await first.close()
        async with asyncio.timeout(20):
            await second.open()
        assert second.notes == ()
