"""Databases by TLS: a server on loopback with certificates of our own."""

from __future__ import annotations

import asyncio
import re
import select
import socket
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import UnreachableError
from tests.cluster.certificates import Authority, Files
from tests.cluster.tls_server import TlsServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

HOST = "127.0.0.1"
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def files(authority: Authority) -> Files:
    return authority.sign("server", (HOST,))


def database(port: int, tls: TlsSettings | None) -> MysqlDatabase:
    sql = SqlSettings(port=port, connect_timeout_s=20.0, read_timeout_s=20.0, tls=tls)
    return MysqlDatabase(NodeSettings("n1", HOST, sql=sql), PasswordSource(sql))


@asynccontextmanager
async def connected(port: int, tls: TlsSettings | None) -> AsyncGenerator[MysqlDatabase]:
    reached = database(port, tls)
    try:
        await reached.open()
        yield reached
    finally:
        await reached.close()


async def refusal(port: int, tls: TlsSettings | None) -> UnreachableError:
    with pytest.raises(UnreachableError) as caught:
        async with connected(port, tls):
            pass
    return caught.value


def trusting(authority: Authority, **changes: object) -> TlsSettings:
    return TlsSettings(**({"ca": str(authority.file)} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("version", VERSIONS)
async def test_questions_are_answered_by_tls(authority: Authority, files: Files, version: ssl.TLSVersion) -> None:
    with TlsServer(files, version=version) as server:
        async with connected(server.port, trusting(authority)) as reached:
            for _ in range(3):
                assert await reached.query("SELECT 1") == [(version.name.replace("_", "."),)]


async def test_without_tls_nothing_is_encrypted_though_it_is_offered(files: Files) -> None:
    with TlsServer(files, requires=False) as server:
        async with connected(server.port, None) as reached:
            assert await reached.query("SELECT 1") == [("none",)]


async def test_tls_that_is_required_and_not_asked_for_names_the_key(files: Files) -> None:
    with TlsServer(files) as server:
        said = str(await refusal(server.port, None))
    assert said.startswith("the database takes only connections by TLS, and the cluster file asks for none")
    assert "set sql.tls" in said


async def test_password_is_not_sent_where_tls_is_not_offered(authority: Authority, files: Files) -> None:
    with TlsServer(files, requires=False, offers=False) as server:
        said = str(await refusal(server.port, trusting(authority)))
        assert not server.passwords
    assert said.startswith("sql.tls asks for TLS, and the database does not offer it; switch it on there")


async def test_words_of_tls_itself_are_no_goodbye(authority: Authority, files: Files) -> None:
    with TlsServer(files) as server:
        async with connected(server.port, trusting(authority)) as reached:
            lost = asyncio.ensure_future(reached.lost())
            (theirs,) = server.connections
            assert isinstance(theirs, ssl.SSLSocket)
            for _ in range(3):
                server.send_new_key(theirs)
                assert reached._session is not None
                arrived = reached._session._socket
                # The event loop is told of it before or after this; then it is read, and nothing is left to be told of.
                async with asyncio.timeout(20):
                    while select.select([arrived], [], [], 0)[0]:  # noqa: ASYNC110 - the kernel sets no event
                        await asyncio.sleep(0)
                assert not lost.done()
                assert await reached.query("SELECT 1") == [("TLSv1.3",)]
            server.hang_up(theirs)
            async with asyncio.timeout(20):
                assert await lost == "the database closed the connection"


async def test_question_that_takes_too_long_is_given_up(authority: Authority, files: Files) -> None:
    with TlsServer(files) as server, socket.create_server((HOST, 0)) as relay:
        reached = database(relay.getsockname()[1], trusting(authority))
        opening = asyncio.ensure_future(reached.open())
        accepted, _ = await asyncio.get_running_loop().run_in_executor(None, relay.accept)
        with accepted, socket.create_connection((HOST, server.port)) as onward:
            accepted.sendall(onward.recv(4096))
            # The server falls silent amid the handshake, and the link is ended.
            await asyncio.get_running_loop().run_in_executor(None, accepted.recv, 4096)
            opening.cancel()
            async with asyncio.timeout(20):
                with pytest.raises(asyncio.CancelledError):
                    await opening
                await reached.close()


async def test_unknown_authority_is_named(tmp_path: Path, files: Files) -> None:
    other = Authority(tmp_path, "Other Authority")
    with TlsServer(files) as server:
        error = await refusal(server.port, trusting(other))
        assert not server.passwords
    assert isinstance(error, AccountRefusedError)
    assert str(error) == (
        "the certificate of the database cannot be verified: it is signed by 'Test Authority', "
        "which is not in the file sql.tls.ca; name the certificate of the authority that has signed it"
    )


async def test_authority_that_this_machine_does_not_trust_is_named(files: Files) -> None:
    with TlsServer(files) as server:
        said = str(await refusal(server.port, TlsSettings()))
    assert "it is signed by 'Test Authority', which this machine does not trust" in said
    assert said.endswith("and name its file in sql.tls.ca")


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        (("db1.example", "10.0.0.9"), "it is for db1.example, 10.0.0.9,"),
        ((), "it is for no host (its subject, 'other'"),
    ],
)
async def test_names_of_another_host_are_said(authority: Authority, hosts: tuple[str, ...], found: str) -> None:
    with TlsServer(authority.sign("other", hosts)) as server:
        said = str(await refusal(server.port, trusting(authority)))
        async with connected(server.port, trusting(authority, verify="ca")) as reached:
            assert await reached.query("SELECT 1") == [("TLSv1.3",)]
    assert found in said
    assert "the cluster file reaches for 127.0.0.1; write a name of the certificate as host" in said


async def test_expired_and_not_yet_valid_are_said(authority: Authority) -> None:
    with TlsServer(authority.sign("old", (HOST,), begins=-9, ends=-1)) as server:
        assert "it expired on 2" in str(await refusal(server.port, trusting(authority)))
    with TlsServer(authority.sign("new", (HOST,), begins=5)) as server:
        assert "it is valid from 2" in str(await refusal(server.port, trusting(authority)))


async def test_nothing_is_verified_where_that_is_asked_for(files: Files) -> None:
    with TlsServer(files) as server:
        async with connected(server.port, TlsSettings(verify="none")) as reached:
            assert await reached.query("SELECT 1") == [("TLSv1.3",)]


@pytest.mark.parametrize("version", VERSIONS)
async def test_client_certificate(authority: Authority, files: Files, tmp_path: Path, version: ssl.TLSVersion) -> None:
    client = authority.sign("client")
    stranger = Authority(tmp_path, "Other Authority").sign("stranger")
    with TlsServer(files, client_authority=authority.file, version=version) as server:
        without = str(await refusal(server.port, trusting(authority)))
        wrong = str(await refusal(server.port, trusting(authority, cert=str(stranger.cert), key=str(stranger.key))))
        async with connected(server.port, trusting(authority, cert=str(client.cert), key=str(client.key))) as reached:
            assert await reached.query("SELECT 1") == [(version.name.replace("_", "."),)]
    assert "as it does where it wants a client certificate" in without
    assert "name one in sql.tls.cert and sql.tls.key" in without
    assert re.match("the database (broke off|does not accept the client certificate).* sql.tls.cert", wrong)


async def test_key_in_the_file_of_the_certificate(authority: Authority, files: Files, tmp_path: Path) -> None:
    client = authority.sign("client")
    both = tmp_path / "both.pem"
    both.write_text(client.key.read_text("ascii") + client.cert.read_text("ascii"), "ascii")
    with TlsServer(files, client_authority=authority.file) as server:
        async with connected(server.port, trusting(authority, cert=str(both))) as reached:
            assert await reached.query("SELECT 1") == [("TLSv1.3",)]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
async def test_no_version_in_common_is_said(authority: Authority, files: Files) -> None:
    with TlsServer(files, version=ssl.TLSVersion.TLSv1) as server:
        said = str(await refusal(server.port, trusting(authority)))
    assert said.startswith("this machine and the database have no version of TLS in common")


async def test_files_that_cannot_be_used_are_named(authority: Authority, tmp_path: Path) -> None:
    client, other = authority.sign("client"), authority.sign("other")
    locked = authority.sign("locked", passphrase="secret")
    (tmp_path / "empty.pem").write_text("", "ascii")
    wrong = {
        "sql.tls.ca: /nowhere/ca.pem: cannot be read: No such file": {"ca": "/nowhere/ca.pem"},
        f"sql.tls.ca: {tmp_path}: cannot be read: Is a directory": {"ca": str(tmp_path)},
        "empty.pem: holds no certificate in the form PEM": {"ca": str(tmp_path / "empty.pem")},
        "sql.tls.cert: ": {"cert": str(client.key), "key": str(client.key)},
        "client-cert.pem: holds no private key in the form PEM": {"cert": str(client.cert)},
        "is not the key of the certificate": {"cert": str(client.cert), "key": str(other.key)},
        "the private key has a passphrase": {"cert": str(locked.cert), "key": str(locked.key)},
    }
    for expected, settings in wrong.items():
        assert expected in str(await refusal(1, TlsSettings(**settings)))  # type: ignore[arg-type]
