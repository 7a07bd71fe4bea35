"""The anomalies inside the database, on a real engine: there when they are said to be, and gone without a trace."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql
import pytest

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import CommandFailedError
from tests.anomalies.sql.conftest import NAMES, PASSWORD
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.injection import Injection
    from tests.anomalies.sql.conftest import Bench

PARAMETER = "memstore_limit_percentage"


def _locked(bench: Bench) -> bool:
    try:
        bench.ask(f"SELECT id FROM {NAMES[0]} WHERE id = 1500 FOR UPDATE NOWAIT")  # noqa: S608
    except pymysql.err.OperationalError:
        return True
    return False


SHOWS: dict[str, Callable[[Bench, Injection], bool]] = {
    "cache_bottleneck": lambda bench, _: bench.parameter(PARAMETER) == "30",
    "lock_contention": lambda bench, _: _locked(bench),
    "slow_query": lambda bench, injection: bench.sessions(injection.id) > 0,
    "too_many_indexes": lambda bench, _: bool(bench.indexes()),
    "workload_overload": lambda bench, injection: bench.sessions(injection.id) > 0,
}


@pytest.mark.parametrize("anomaly", SHOWS)
async def test_it_shows_and_leaves_the_database_as_it_was(bench: Bench, anomaly: str) -> None:
    before = bench.state()
    injection = await bench.inject(anomaly)
    await until(lambda: SHOWS[anomaly](bench, injection), "the effect", within_s=60)
    await bench.clear(injection)
    # A session that has ended is listed a moment longer on a busy machine.
    await until(lambda: bench.state() == before, "the database to be as it was", within_s=30)


async def test_the_node_takes_it_back_by_itself_at_the_deadline(bench: Bench) -> None:
    before = bench.state()
    begun = [await bench.inject(anomaly) for anomaly in ("cache_bottleneck", "too_many_indexes")]
    for injection in begun:
        bench.pass_deadline(injection)
    await until(lambda: bench.state() == before, "the database to be as it was", within_s=60)


@pytest.mark.parametrize("anomaly", SHOWS)
async def test_the_console_and_the_supervisor_end_it_at_the_same_time(bench: Bench, anomaly: str) -> None:
    before = bench.state()
    injection = await bench.inject(anomaly)
    bench.pass_deadline(injection)
    (ended,) = await bench.injector.clear([injection.id])
    assert ended.state is InjectionState.CLEARED, ended.detail
    # The supervisor may be the one that did it, and is still leaving the database then.
    await until(lambda: bench.state() == before, "everything to be as before", within_s=30)


async def test_indexes_go_on_being_added_and_carry_the_name_of_the_injection(bench: Bench) -> None:
    injection = await bench.inject("too_many_indexes", "low")
    await until(lambda: len(bench.indexes()) == 4, "all indexes", within_s=90)
    assert all(str(name).startswith(f"distdiag_{injection.id}_") for name in bench.indexes())
    (active,) = await bench.injector.active()
    assert "indexes" in active.detail
    await bench.clear(injection)
    assert bench.indexes() == set()


async def test_of_two_of_a_kind_each_ends_alone(bench: Bench) -> None:
    first, second = await bench.inject("too_many_indexes"), await bench.inject("too_many_indexes")
    await bench.clear(first)
    assert {str(name)[: len("distdiag_") + len(second.id)] for name in bench.indexes()} == {f"distdiag_{second.id}"}
    await bench.clear(second)


@pytest.mark.parametrize("first_ends_first", [True, False])
async def test_a_parameter_comes_back_with_the_last_that_holds_it(bench: Bench, *, first_ends_first: bool) -> None:
    original = bench.parameter(PARAMETER)
    weak, strong = await bench.inject("cache_bottleneck", "low"), await bench.inject("cache_bottleneck", "high")
    harmful = bench.parameter(PARAMETER)
    first, last = (weak, strong) if first_ends_first else (strong, weak)
    await bench.clear(first)
    left = bench.parameter(PARAMETER)
    assert left == harmful if first_ends_first else left not in (harmful, original)
    await bench.clear(last)
    assert bench.parameter(PARAMETER) == original


async def test_what_somebody_else_set_meanwhile_is_left_and_told(bench: Bench) -> None:
    original = bench.parameter(PARAMETER)
    injection = await bench.inject("cache_bottleneck")
    bench.ask(f"ALTER SYSTEM SET {PARAMETER} = 40")
    progress = bench.leases / injection.id / "progress"
    await until(lambda: "somebody else" in progress.read_text(encoding="utf-8"), "it to be told")
    with pytest.raises(CommandFailedError, match="clear that first"):
        await bench.inject("cache_bottleneck", "high")
    await bench.clear(injection)
    assert bench.parameter(PARAMETER) == "40"
    bench.ask(f"ALTER SYSTEM SET {PARAMETER} = {original}")


async def test_without_a_workload_it_makes_a_table_of_its_own(idle_bench: Bench) -> None:
    before = idle_bench.schemata()
    injection = await idle_bench.inject("workload_overload")
    assert idle_bench.schemata() - before == {f"distdiag_{injection.id}"}
    await idle_bench.clear(injection)
    assert idle_bench.schemata() == before


@pytest.mark.parametrize("anomaly", ["lock_contention", "workload_overload"])
async def test_a_workload_without_keys_is_refused_with_the_reason(idle_bench: Bench, anomaly: str) -> None:
    idle_bench.ask("CREATE DATABASE keyless")
    try:
        idle_bench.ask("CREATE TABLE keyless.t (a INT)")
        idle_bench.ask("INSERT INTO keyless.t VALUES (1), (2)")
        with pytest.raises(CommandFailedError, match="it ended at once: no table of the workload has a primary key"):
            await idle_bench.inject(anomaly)
    finally:
        idle_bench.ask("DROP DATABASE keyless")


async def test_clients_come_back_to_a_database_that_was_away(bench: Bench) -> None:
    injection = await bench.inject("slow_query")
    bench.engine.kill()
    bench.engine.start()
    await until(lambda: bench.sessions(injection.id) > 0, "its statements to be back", within_s=60)
    await bench.clear(injection)


async def test_the_password_is_seen_nowhere_on_the_node(bench: Bench) -> None:
    injection = await bench.inject("lock_contention")
    account = bench.leases / injection.id / "account"
    assert account.stat().st_mode & 0o777 == 0o600
    assert account.parent.stat().st_mode & 0o777 == 0o700
    secret = PASSWORD.split()[0].encode()
    assert not any(secret in command for command in _of_processes("cmdline"))
    ours = [each for each in _of_processes("environ") if f"DISTDIAG_LEASE={injection.id};".encode() in each]
    assert ours
    assert not any(secret in environment for environment in ours)
    await bench.clear(injection)
    assert not account.exists()


def _of_processes(file: str) -> list[bytes]:
    found = []
    for path in Path("/proc").glob(f"[0-9]*/{file}"):
        # It may be gone by now.
        with suppress(OSError):
            found.append(path.read_bytes())
    return found
