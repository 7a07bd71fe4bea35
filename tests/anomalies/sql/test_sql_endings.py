"""The undoing of anomalies in the database: by two at once, without a directory to write to, and after a restart."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
from asyncio.subprocess import PIPE
from contextlib import suppress
from typing import TYPE_CHECKING

import pymysql
import pytest

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.anomalies.node.sql_session import Lease, Session
from tests.anomalies.mounts import needs_mounts, read_only
from tests.anomalies.restarts import lose_by_restart
from tests.anomalies.sql.test_sql_anomalies import SHOWS
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.anomalies.sql.conftest import Bench

LASTING = ("cache_bottleneck", "too_many_indexes")


@pytest.fixture
async def lease(bench: Bench, tmp_path: Path) -> Lease:
    """What an injection has on its node, without any of its processes."""
    injection = await bench.inject("lock_contention")
    directory = tmp_path / "1twoatonce"
    directory.mkdir(mode=0o700)
    for name in ("account", "sql.py", "sql.zip.base64"):
        shutil.copy(bench.leases / injection.id / name, directory)
    await bench.clear(injection)
    return Lease(str(directory))


@pytest.fixture
def ending(bench: Bench, lease: Lease) -> Iterator[Session]:
    """A console that is in the middle of ending it: its statement lasts."""
    session = Session(lease, ending=True)
    # It ends with its session.
    statement = threading.Thread(target=_sleep, args=(session,))
    statement.start()
    try:
        yield session
    finally:
        for (number,) in _statements(bench, lease):
            bench.ask(f"KILL {number}")
        statement.join()


def _sleep(session: Session) -> None:
    with suppress(pymysql.err.MySQLError, OSError):
        session.ask("SELECT SLEEP(600)")


def _statements(bench: Bench, lease: Lease) -> tuple[tuple[object, ...], ...]:
    """The numbers of the sessions that are ending it now."""
    marked = f"{lease.ending_marker} SELECT SLEEP%"
    return bench.ask(f"SELECT id FROM information_schema.processlist WHERE info LIKE '{marked}'")  # noqa: S608


async def _sql(lease: Lease, verb: str) -> tuple[int | None, str]:
    """The status of the program on the node, and what it complains about."""
    program = await asyncio.create_subprocess_exec(
        "python3",
        str(lease.directory / "sql.py"),
        verb,
        env={**os.environ, "LEASE": str(lease.directory)},
        stderr=PIPE,
    )
    _, said = await program.communicate()
    return program.returncode, said.decode().strip()


@pytest.mark.parametrize("lasting", ["", "database", "indexes"])
@pytest.mark.usefixtures("ending")
async def test_of_two_that_end_it_neither_kills_the_other_nor_takes_it_for_what_is_left(
    bench: Bench, lease: Lease, lasting: str
) -> None:
    if lasting:
        lease.will_last(lasting)
    await until(lambda: bool(_statements(bench, lease)), "the statement of the console")
    (console,) = _statements(bench, lease)
    assert await _sql(lease, "gone") == (0, "")
    assert await _sql(lease, "end") == (0, "")
    assert await _sql(lease, "gone") == (0, "")
    assert _statements(bench, lease) == (console,)


@pytest.mark.usefixtures("ending")
async def test_a_session_of_the_injection_is_seen_and_killed_beside_them(bench: Bench, lease: Lease) -> None:
    await until(lambda: bool(_statements(bench, lease)), "the statement of the console")
    (console,) = _statements(bench, lease)
    with Session(lease) as session:
        ((number,),) = session.ask("SELECT CONNECTION_ID()")
        assert await _sql(lease, "gone") == (1, f"still there: session {number}")
        assert await _sql(lease, "end") == (0, "")
    assert await _sql(lease, "gone") == (0, "")
    assert _statements(bench, lease) == (console,)


@needs_mounts
@pytest.mark.parametrize("anomaly", SHOWS)
async def test_it_is_undone_where_its_directory_became_read_only(bench: Bench, anomaly: str) -> None:
    before = bench.state()
    injection = await bench.inject(anomaly)
    await until(lambda: SHOWS[anomaly](bench, injection), "the effect", within_s=60)
    with read_only(bench.leases):
        (ended,) = await bench.injector.clear([injection.id])
        assert ended.state is InjectionState.CLEARED, ended.detail
        # The record is still there, and known to be of no more than that.
        left = before | {"leases": [injection.id]}
        await until(lambda: bench.state() == left, "the database to be as it was", within_s=30)
    await bench.clear_all()
    assert bench.state() == before


@needs_mounts
@pytest.mark.parametrize("anomaly", LASTING)
async def test_the_node_undoes_it_by_itself_where_its_directory_became_read_only(bench: Bench, anomaly: str) -> None:
    before = bench.state()
    injection = await bench.inject(anomaly)
    supervisor = int((bench.leases / injection.id / "supervisor").read_text(encoding="ascii").split()[0])
    # It may not be faster than we make its directory read-only.
    os.kill(supervisor, signal.SIGSTOP)
    bench.pass_deadline(injection)
    with read_only(bench.leases):
        os.kill(supervisor, signal.SIGCONT)
        await until(
            lambda: {**bench.state(), "leases": before["leases"]} == before, "the database to be as it was", within_s=60
        )


@pytest.mark.parametrize("anomaly", LASTING)
async def test_what_outlives_a_restart_of_the_node_is_undone_at_the_next_contact(bench: Bench, anomaly: str) -> None:
    before = bench.state()
    injection = await bench.inject(anomaly)
    await until(lambda: SHOWS[anomaly](bench, injection), "the effect", within_s=60)
    lose_by_restart(bench.leases / injection.id)
    bench.engine.kill()
    bench.engine.start()
    assert SHOWS[anomaly](bench, injection)
    (orphan,) = await bench.injector.active()
    assert (orphan.id, orphan.state) == (injection.id, InjectionState.ORPHANED)
    assert orphan.detail == "the node was restarted since; what that left of it is now taken back"
    await until(lambda: bench.state() == before, "the database to be as it was", within_s=90)
