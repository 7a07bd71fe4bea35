"""Sessions of a real engine: what they do, who blocks whom, and the end of one; and databases that do not answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pymysql
import pytest

from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import ConfigError, RefusedError, SqlError, UnreachableError
from distdiag_core.operations.gate import Permission
from distdiag_core.operations.sessions import connect_sessions
from distdiag_core.recording import audit_log
from tests import ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

    from distdiag_core.operations.session_list import DatabaseSession, SessionList
    from tests.workloads.engine import Engine

    Connection = pymysql.Connection[pymysql.cursors.Cursor]

pytestmark = pytest.mark.usefixtures("own_places")

_WITHIN_S = 60.0
_ROW = "UPDATE stock.items SET count = count + 1 WHERE id = 1"


def cluster_at(port: int, user: str = "root") -> ClusterSettings:
    sql = SqlSettings(user=user, port=port, connect_timeout_s=2.0)
    node = NodeSettings("n1", "127.0.0.1", connection="local", ssh=SshSettings(), sql=sql)
    return ClusterSettings("shop", (node,), read_only=False)


def client(engine: Engine) -> Connection:
    return pymysql.connect(host="127.0.0.1", port=engine.port, user="root", ssl_disabled=True)


def execute(connection: Connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


async def listed(settings: ClusterSettings) -> SessionList:
    async with connect_sessions(settings, "n1") as sessions:
        return await sessions.listed("n1")


def id_of(connection: Connection) -> int:
    return int(connection.thread_id())  # type: ignore[no-untyped-call]


def of(found: SessionList, connection: Connection) -> DatabaseSession | None:
    return next((each for each in found.sessions if each.id == id_of(connection)), None)


async def once(look: Callable[[], Awaitable[SessionList]], holds: Callable[[SessionList], object]) -> SessionList:
    """The first list of which it holds."""
    async with asyncio.timeout(_WITHIN_S):
        while not holds(found := await look()):
            pass
    return found


@pytest.fixture
def free_port() -> int:
    """A port at which nothing listens."""
    return ports.free_port()


@pytest.fixture
def table(engine: Engine) -> Iterator[None]:
    engine.execute("CREATE DATABASE IF NOT EXISTS stock")
    engine.execute("CREATE TABLE IF NOT EXISTS stock.items (id INT PRIMARY KEY, count INT)")
    engine.execute("REPLACE INTO stock.items VALUES (1, 1)")
    yield
    engine.execute("DROP DATABASE stock")


@asynccontextmanager
async def blocked(engine: Engine) -> AsyncGenerator[tuple[Connection, Connection, asyncio.Future[None]]]:
    """A session that holds the lock of a row, one that waits for it, and the end of the waiting one."""
    with closing(client(engine)) as holding, closing(client(engine)) as waiting:
        execute(holding, "BEGIN")
        execute(holding, _ROW)
        end = asyncio.ensure_future(asyncio.to_thread(execute, waiting, f"/* slow */ {_ROW}"))
        try:
            yield holding, waiting, end
        finally:
            holding.rollback()
            await asyncio.gather(end, return_exceptions=True)


@pytest.mark.usefixtures("table")
async def test_a_session_that_waits_for_a_lock_is_on_top_and_names_the_one_that_holds_it(engine: Engine) -> None:
    async with blocked(engine) as (holding, waiting, _):
        found = await once(
            lambda: listed(cluster_at(engine.port)), lambda found: (each := of(found, waiting)) and each.blocked_by
        )
        slow, holder = of(found, waiting), of(found, holding)
    assert slow is not None
    assert holder is not None
    assert slow.blocked_by == (holder.id,)
    assert found.blocked_behind(holder) == (slow.id,)
    assert "UPDATE stock.items" in slow.statement
    assert (slow.user, slow.command, slow.client.partition(":")[0]) == ("root", "Query", "127.0.0.1")
    assert (holder.idle, holder.statement) == (True, "")
    # Of those that wait for nothing, one may run just now.
    assert {holder.id, slow.id} <= {each.id for each in found.sessions[:3]}
    assert [each.own for each in found.sessions].count(True) == 1
    assert found.notes == ()


@pytest.mark.usefixtures("table")
async def test_a_session_that_is_killed_is_gone_and_on_record(engine: Engine) -> None:
    async with blocked(engine) as (holding, _, end), connect_sessions(cluster_at(engine.port), "n1") as sessions:
        number = id_of(holding)
        killed = await sessions.kill("n1", number)
        # What it held is free.
        await asyncio.wait_for(end, _WITHIN_S)
        with pytest.raises(SqlError, match=f"there is no session {number}; it may have ended"):
            await sessions.kill("n1", number)
        with pytest.raises(pymysql.err.Error):
            execute(holding, "SELECT 1")
        holding.connect()
    assert (killed.session.id, killed.gone) == (number, True)
    done, failed = (entry.record for entry in audit_log.read().entries)
    assert (done.what, done.nodes, done.result) == ("kill session", ("n1",), "done")
    assert done.parameters == {
        "session": number,
        "user": "root",
        "client": killed.session.client,
        "database": "",
        "gone": True,
    }
    assert failed.result == "failed"


async def test_the_connection_of_distdiag_itself_is_not_killed(engine: Engine) -> None:
    async with connect_sessions(cluster_at(engine.port), "n1") as sessions:
        (own,) = (each for each in (await sessions.listed("n1")).sessions if each.own)
        with pytest.raises(RefusedError, match="the connection over which distdiag asks"):
            await sessions.kill("n1", own.id)
        assert (await sessions.listed("n1")).sessions


async def test_a_session_whose_id_is_that_of_another_one_by_now_is_not_killed(engine: Engine) -> None:
    with closing(client(engine)) as other:
        async with connect_sessions(cluster_at(engine.port), "n1") as sessions:
            for meant in ({"user": "shop"}, {"client": "10.0.0.21:45010"}):
                with pytest.raises(RefusedError, match=r"is another one now: of root from 127\.0\.0\.1"):
                    await sessions.kill("n1", id_of(other), **meant)
            execute(other, "SELECT 1")
            found = of(await sessions.listed("n1"), other)
            assert found is not None
            assert (await sessions.kill("n1", found.id, user=found.user, client=found.client)).gone
        # It notices that it was ended, and is connected anew to be closed.
        with pytest.raises(pymysql.err.Error):
            execute(other, "SELECT 1")
        other.connect()
    results = [entry.record.result for entry in audit_log.read().entries]
    assert sorted(results) == ["done", "refused", "refused"]


async def test_what_an_account_may_not_read_is_said_with_the_statement_that_grants_it(engine: Engine) -> None:
    engine.execute("CREATE USER looker")
    before = await listed(cluster_at(engine.port, "looker"))
    engine.execute("GRANT SELECT ON oceanbase.* TO 'looker'")
    after = await listed(cluster_at(engine.port, "looker"))

    about_sessions, about_locks = before.notes
    assert before.sessions
    for note in (about_sessions, about_locks):
        assert note.endswith("; GRANT SELECT ON oceanbase.* TO 'looker'")
    assert "may be missing" in about_sessions
    assert about_locks.startswith("who blocks whom is not known: ")
    assert after.notes == ()


_FORBIDDING: dict[str, Callable[[ClusterSettings], ClusterSettings]] = {
    "read_only": lambda cluster: replace(cluster, read_only=True),
    "production": lambda cluster: replace(cluster, production=True),
    "protect.nodes": lambda cluster: replace(cluster, sections=(Protection(nodes=("n1",)),)),
}


@pytest.mark.parametrize("key", _FORBIDDING)
async def test_a_rule_forbids_killing_before_the_node_is_asked(key: str, free_port: int) -> None:
    async with connect_sessions(_FORBIDDING[key](cluster_at(free_port)), "n1") as sessions:
        with pytest.raises(RefusedError, match=key):
            await sessions.kill("n1", 7)
    (entry,) = audit_log.read().entries
    assert (entry.record.what, entry.record.result, key in entry.record.reason) == ("kill session", "refused", True)


async def test_a_production_cluster_lets_kill_where_its_name_was_repeated(free_port: int) -> None:
    settings = replace(cluster_at(free_port), production=True)
    async with connect_sessions(settings, "n1", Permission("shop")) as sessions:
        with pytest.raises(UnreachableError, match="nothing listens there"):
            await sessions.kill("n1", 7)


async def test_a_node_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="n9"):
        async with connect_sessions(cluster_at(1), "n9"):
            pass


async def test_a_database_that_refuses(free_port: int) -> None:
    with pytest.raises(UnreachableError, match="nothing listens there"):
        await listed(cluster_at(free_port))


async def test_a_silent_database_is_waited_for_for_a_bounded_time() -> None:
    released = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        with pytest.raises(UnreachableError, match="did not greet within 2 s"):
            await asyncio.wait_for(listed(cluster_at(server.sockets[0].getsockname()[1])), _WITHIN_S)
        released.set()


@pytest.mark.usefixtures("table")
async def test_the_statements_that_took_most_time_are_told_by_the_audit(engine: Engine) -> None:
    # At once, and long enough for the list: the engine has statements of other tests in its audit as well.
    statements = [f"SELECT /* counted */ SLEEP(3) FROM stock.items WHERE count > -{number}" for number in range(1, 6)]  # noqa: S608
    await asyncio.gather(*(asyncio.to_thread(engine.execute, statement) for statement in statements))
    async with connect_sessions(cluster_at(engine.port), "n1") as sessions:
        found = await sessions.top_sql("n1")
    (counted,) = (each for each in found.statements if "/* counted */" in each.statement)
    assert counted.executions == 5
    assert counted.total_ms == pytest.approx(5 * counted.mean_ms)
    totals = [each.total_ms for each in found.statements]
    assert totals == sorted(totals, reverse=True)
    assert (found.source, found.notes) == ("oceanbase.V$OB_SQL_AUDIT", ())


async def test_without_the_grant_there_is_what_runs_just_now_and_the_statement_that_gives_it(engine: Engine) -> None:
    engine.execute("CREATE USER passer_by")
    async with connect_sessions(cluster_at(engine.port, "passer_by"), "n1") as sessions:
        found = await sessions.top_sql("n1")
    assert found.source == "the process list"
    assert found.notes[0].endswith("GRANT SELECT ON oceanbase.* TO 'passer_by'")
