"""Why a database cannot be reached, in plain words. What it answers is tested on the lab's real engine."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import tcp
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.mysql_session import MysqlSession
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.errors import NotListeningError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


def database(port: int, **changes: object) -> MysqlDatabase:
    sql = SqlSettings(**({"port": port, "connect_timeout_s": 20.0} | changes))  # type: ignore[arg-type]
    return MysqlDatabase(NodeSettings("n1", "127.0.0.1", sql=sql), PasswordSource(sql))


async def refusal(port: int, kind: type[UnreachableError] = UnreachableError, **changes: object) -> str:
    reached = database(port, **changes)
    try:
        with pytest.raises(kind) as caught:
            await reached.open()
        # Whoever asks later learns of the same kind.
        with pytest.raises(kind, match="n1: sql: "):
            await reached.query("SELECT 1")
    finally:
        await reached.close()
    return str(caught.value)


@asynccontextmanager
async def saying(greeting: bytes, *, then_close: bool) -> AsyncGenerator[int]:
    """A server on loopback that sends `greeting` and no more; gives its port."""
    released = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        if not then_close:
            await released.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        released.set()


async def test_nobody_listens(free_port: Callable[[], int]) -> None:
    port = free_port()
    assert await refusal(port, NotListeningError) == f"127.0.0.1:{port}: refused: nothing listens there"


@pytest.mark.parametrize("host", ["n1..example", "n" * 64 + ".example", "n1.\x00.example"])
async def test_name_that_cannot_be_one(host: str) -> None:
    sql = SqlSettings()
    reached = MysqlDatabase(NodeSettings("n1", host, sql=sql), PasswordSource(sql))
    with pytest.raises(UnreachableError, match=":2881: "):
        await reached.open()
    with pytest.raises(UnreachableError, match="n1: sql: "):
        await reached.query("SELECT 1")
    await reached.close()


async def test_silence() -> None:
    async with saying(b"", then_close=False) as port:
        assert await refusal(port, connect_timeout_s=0.3) == "connected, but the database did not greet within 0.3 s"


async def test_socket_is_closed_though_nobody_waits_for_the_end() -> None:
    released = threading.Event()
    async with saying(b"", then_close=False) as port:
        made = await tcp.connect("127.0.0.1", port, timeout_s=20)
        with ThreadPoolExecutor(max_workers=1) as thread:
            session = MysqlSession(made, thread)
            logging_in = asyncio.create_task(session.log_in("root", ""))
            await asyncio.sleep(0)
            thread.submit(released.wait)
            logging_in.cancel()
            with pytest.raises(asyncio.CancelledError):
                await logging_in
            closing = asyncio.create_task(session.close())
            await asyncio.sleep(0)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
            assert made.fileno() == -1
            released.set()


async def test_goodbye_instead_of_a_greeting() -> None:
    async with saying(b"", then_close=True) as port:
        assert await refusal(port) == "the connection broke"


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x01\x00\x00\x00\xff", bytes(64), b"\xff" * 64])
async def test_something_else_listens(greeting: bytes) -> None:
    async with saying(greeting, then_close=True) as port:
        assert await refusal(port)


async def test_access_denied_says_where_the_password_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "opensesame")
    message = b"\xff\x15\x04#28000Access denied for user with opensesame"
    packet = len(message).to_bytes(3, "little") + b"\x00" + message
    async with saying(packet, then_close=False) as port:
        said = await refusal(port, AccountRefusedError, user="shop", password_env="SHOP_PASSWORD")
    assert said == (
        "access denied for the user shop; the password is from the environment variable SHOP_PASSWORD; "
        "correct sql.user or the password"
    )


async def test_variable_of_the_password_is_not_set(
    free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    said = await refusal(free_port(), password_env="SHOP_PASSWORD")
    assert said.startswith("the environment variable SHOP_PASSWORD, which holds the password, is not set; ")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (3159, "Connections using insecure transport are prohibited while --require_secure_transport=ON."),
        (9002, "SSL connection is required. Please specify SSL options and retry."),
        (1105, "proxy: TLS required"),
    ],
)
async def test_tls_that_the_database_wants_is_said(code: int, text: str) -> None:
    message = b"\xff" + code.to_bytes(2, "little") + b"#HY000" + text.encode()
    async with saying(len(message).to_bytes(3, "little") + b"\x00" + message, then_close=False) as port:
        said = await refusal(port)
    assert said == (
        f"the database takes only connections by TLS, and the cluster file asks for none: {text}; "
        "set sql.tls: true, or a section with the ca that has signed the certificates of the databases"
    )
