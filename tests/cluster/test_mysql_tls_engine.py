"""A real engine by TLS, with accounts that want it or a client certificate; and as two nodes of one cluster."""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.cluster.password import PasswordSource
from distdiag_core.cluster.tls import TlsSettings
from distdiag_core.errors import UnreachableError
from tests.cluster.certificates import Authority, Files
from tests.workloads.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.cluster.status import NodeStatus

_READY_S = 60


@dataclass(frozen=True)
class Served:
    """An engine with TLS, and what its clients need."""

    engine: Engine
    authority: Authority
    client: Files

    def database(self, user: str = "root", **tls: object) -> MysqlDatabase:
        settings = TlsSettings(**({"ca": str(self.authority.file)} | tls)) if tls != {"off": True} else None  # type: ignore[arg-type]
        sql = SqlSettings(user=user, port=self.engine.port, connect_timeout_s=20, read_timeout_s=20, tls=settings)
        return MysqlDatabase(NodeSettings("n1", "127.0.0.1", sql=sql), PasswordSource(sql))

    async def refusal(self, user: str = "root", **tls: object) -> UnreachableError:
        reached = self.database(user, **tls)
        try:
            with pytest.raises(UnreachableError) as caught:
                await reached.open()
        finally:
            await reached.close()
        return caught.value


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if importlib.util.find_spec("pylibseekdb") is None:
        pytest.skip("NOT TESTED: pylibseekdb is not installed (pip install 'distdiag[lab]')")
    home = tmp_path_factory.mktemp("engine")
    authority = Authority(home)
    files = authority.sign("server", ("127.0.0.1",))
    engine = Engine(home / "data")
    engine.start_with_tls(authority.file, files.cert, files.key, "client")
    engine.execute("CREATE USER by_tls REQUIRE SSL")
    engine.execute("CREATE USER by_certificate REQUIRE X509")
    yield Served(engine, authority, authority.sign("client"))
    engine.kill()


async def opened(served: Served, user: str = "root", **tls: object) -> MysqlDatabase:
    reached = served.database(user, **tls)
    await reached.open()
    return reached


async def test_questions_are_answered_by_tls(engine: Served) -> None:
    reached = await opened(engine, "by_tls")
    lost = asyncio.ensure_future(reached.lost())
    for number in range(50):
        assert await reached.query("SELECT %s", (number,)) == [(number,)]
    rows = await reached.query("SELECT REPEAT('x', 100000)")
    assert rows == [("x" * 100_000,)]
    assert not lost.done()
    await reached.close()
    await lost


async def test_account_that_wants_tls(engine: Served) -> None:
    error = await engine.refusal("by_tls", off=True)
    assert isinstance(error, AccountRefusedError)
    assert error.hint.endswith("or set sql.tls, if the account may only connect by TLS")


async def test_account_that_wants_a_client_certificate(engine: Served) -> None:
    error = await engine.refusal("by_certificate")
    assert error.hint.endswith("or set sql.tls.cert, if the account wants a client certificate")
    client = {"cert": str(engine.client.cert), "key": str(engine.client.key)}
    reached = await opened(engine, "by_certificate", **client)
    assert await reached.query("SELECT 1") == [(1,)]
    await reached.close()


async def test_authority_that_has_not_signed(engine: Served, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Other Authority")
    error = await engine.refusal(ca=str(other.file))
    assert "it is signed by 'Test Authority', which is not in the file sql.tls.ca" in error.what


async def test_engine_under_two_names_is_named(engine: Served) -> None:
    sql = SqlSettings(port=engine.engine.port, connect_timeout_s=20, read_timeout_s=20)
    nodes = tuple(
        NodeSettings(name, host, connection="local", ssh=SshSettings(), sql=sql)
        for name, host in (("n1", "127.0.0.1"), ("n2", "localhost"))
    )
    told = asyncio.Queue[str]()
    cluster = Cluster(ClusterSettings("twice", nodes, sql=sql))

    def changed(status: NodeStatus) -> None:
        for note in status.notes:
            told.put_nowait(note)

    cluster.on_change(changed)
    async with asyncio.timeout(_READY_S), cluster:
        assert (await told.get()).startswith("n1 and n2 are one database server (svr_ip 127.0.0.1, svr_port ")


async def test_session_that_is_killed_is_noticed_at_once(engine: Served) -> None:
    reached, other = await opened(engine), await opened(engine)
    lost = asyncio.ensure_future(reached.lost())
    ((number,),) = await reached.query("SELECT CONNECTION_ID()")
    await other.query("KILL %s", (number,))
    async with asyncio.timeout(_READY_S):
        assert await lost
    await reached.close()
    await other.close()
