"""Anomalies in a database that takes only connections by TLS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pymysql
import pytest

from distdiag_core.anomalies import payload
from distdiag_core.anomalies.node.sql_session import Lease, Session
from distdiag_core.cluster.account import SqlAccount
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import UnreachableError
from tests.cluster.certificates import Authority
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    import socket
    from pathlib import Path

# The name of the node: on the node itself its database is reached by the loopback address.
HOST = "db1.example"


def answer(connection: socket.socket, _statement: str) -> list[tuple[str, ...]]:
    return [("7",)]


def option_file(port: int, settings: TlsSettings | None) -> str:
    sql = SqlSettings(port=port, tls=settings)
    return asyncio.run(SqlAccount(NodeSettings("n1", HOST, sql=sql), PasswordSource(sql)).option_file())


def encrypted(session: Session) -> bool:
    return bool(getattr(session._protocol, "_secure", False))


@pytest.mark.parametrize("with_client", [False, True])
def test_session_is_by_tls(tmp_path: Path, *, with_client: bool) -> None:
    authority = Authority(tmp_path)
    client = authority.sign("client")
    settings = TlsSettings(str(authority.file), str(client.cert), str(client.key))
    settings = settings if with_client else TlsSettings(str(authority.file))
    demanded = authority.file if with_client else None
    with TlsServer(authority.sign("server", (HOST,)), client_authority=demanded, answer=answer) as server:
        text = option_file(server.port, settings)
        # As it arrives: every line of it is a comment of the program.
        assert all(line.startswith("#") for line in payload.comments({"account": text}).splitlines())
        (tmp_path / "account").write_text(text + "\n", encoding="utf-8")
        with Session(Lease(str(tmp_path))) as session:
            assert session.ask("SELECT 1") == [("7",)]
            assert encrypted(session)


def test_session_takes_no_other_server(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with TlsServer(authority.sign("server", ("db2.example",)), answer=answer) as server:
        (tmp_path / "account").write_text(option_file(server.port, TlsSettings(str(authority.file))), encoding="utf-8")
        with pytest.raises(pymysql.err.OperationalError, match=f"not valid for '{HOST}'"):
            Session(Lease(str(tmp_path)))
        assert not server.passwords


def test_session_without_tls_takes_none_that_is_offered(tmp_path: Path) -> None:
    with TlsServer(Authority(tmp_path).sign("server"), requires=False, answer=answer) as server:
        (tmp_path / "account").write_text(option_file(server.port, None), encoding="utf-8")
        with Session(Lease(str(tmp_path))) as session:
            assert not encrypted(session)


def test_certificate_that_cannot_be_read_is_named_before_anything_is_sent() -> None:
    with pytest.raises(UnreachableError, match=r"sql\.tls\.ca: /nowhere\.pem: cannot be read"):
        option_file(1, TlsSettings("/nowhere.pem"))
