"""A node that is this machine, with a real engine whose account has an awkward password."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.clearing_errors import NotThereError, PartlyClearedError
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.account import SqlAccount
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.password import PasswordSource
from tests.workloads.engine import running_engine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from distdiag_core.anomalies.injection import Injection, Severity
    from tests.workloads.engine import Engine

PASSWORD = "s3cret \"quoted\" \\ $(id) 'x' #end"
QUOTED_SCHEMA = "`shop``; DROP DATABASE test; -- 5%`"
NAMES = (f"{QUOTED_SCHEMA}.orders", f"{QUOTED_SCHEMA}.`it's ``odd`` %s`")
_USER = "tester"
_ROWS = 3000
_CLEAR_S = 90.0


@dataclass(frozen=True)
class Bench:
    """The engine, and the injector of anomalies in it."""

    engine: Engine
    injector: Injector
    leases: Path

    async def inject(self, anomaly: str, severity: Severity = "low", duration_s: float = 120) -> Injection:
        """Make it happen; it is active when this returns."""
        plan = await self.injector.plan(InjectionRequest(anomaly, ("n1",), severity, duration_s))
        (injection,) = await self.injector.inject(plan)
        assert injection.state is InjectionState.ACTIVE
        return injection

    async def clear(self, injection: Injection) -> None:
        """End it, as often as a busy machine wants to be asked; it is proved gone when this returns."""
        async with asyncio.timeout(_CLEAR_S):
            while injection.id in {each.id for each in await self.injector.active()}:
                with suppress(PartlyClearedError, NotThereError):
                    await self.injector.clear([injection.id])

    async def clear_all(self) -> None:
        """End whatever is there."""
        for injection in await self.injector.active():
            await self.clear(injection)

    def pass_deadline(self, injection: Injection) -> None:
        """Take the leave to go on away, and wake its supervisor, which sleeps in steps until the deadline."""
        (self.leases / injection.id / "open").unlink()
        supervisor = (self.leases / injection.id / "supervisor").read_text(encoding="ascii").split()[0]
        for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii").split():
            os.kill(int(child), signal.SIGKILL)

    def ask(self, statement: str) -> tuple[tuple[object, ...], ...]:
        """What the engine says."""
        return self.engine.execute(statement)

    def sessions(self, name: str) -> int:
        """How many sessions of that injection are doing something."""
        rows = self.ask(f"SELECT id FROM information_schema.processlist WHERE info LIKE '/* distdiag {name} %'")  # noqa: S608
        return len(rows)

    def indexes(self) -> set[object]:
        """The names of ours."""
        rows = self.ask(
            "SELECT DISTINCT index_name FROM information_schema.statistics WHERE index_name LIKE 'distdiag%'"
        )
        return {row[0] for row in rows}

    def parameter(self, name: str) -> object:
        """Its value in force."""
        ((value,),) = self.ask(f"SELECT value FROM oceanbase.V$OB_PARAMETERS WHERE name = '{name}'")  # noqa: S608
        return value

    def schemata(self) -> set[object]:
        """The databases, but for one that the engine makes by itself when it is idle."""
        return {row[0] for row in self.ask("SHOW DATABASES")} - {"sys_external_tbs"}

    def state(self) -> dict[str, object]:
        """All that an injection might leave behind in the engine, and what the workload's tables contain."""
        return {
            "schemata": self.schemata(),
            "indexes": self.ask(
                "SELECT table_schema, table_name, index_name, column_name FROM information_schema.statistics"
                " ORDER BY 1, 2, 3, 4"
            ),
            "memstore": self.parameter("memstore_limit_percentage"),
            "sessions": self.ask("SELECT id FROM information_schema.processlist WHERE user <> 'root'"),
            "rows": [self.ask(f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, k, c))) FROM {name}") for name in NAMES],  # noqa: S608
            "leases": [path.name for path in self.leases.glob("*")],
        }


def fill(engine: Engine) -> None:
    """Make a workload's tables, with names that are SQL where they are not quoted."""
    engine.execute(f"CREATE DATABASE {QUOTED_SCHEMA}")
    for name in NAMES:
        engine.execute(f"CREATE TABLE {name} (id INT PRIMARY KEY, k INT, c CHAR(60))")
        rows = ", ".join(f"({number}, {number % 97}, 'row {number}')" for number in range(_ROWS))
        engine.execute(f"INSERT INTO {name} VALUES {rows}")  # noqa: S608


def empty(engine: Engine) -> None:
    """Take them away."""
    engine.execute(f"DROP DATABASE IF EXISTS {QUOTED_SCHEMA}")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    escaped = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    with running_engine(tmp_path_factory.mktemp("engine")) as engine:
        engine.execute(f"CREATE USER {_USER} IDENTIFIED BY '{escaped}'")
        engine.execute(f"GRANT ALL PRIVILEGES ON *.* TO {_USER}")
        yield engine


@pytest.fixture
async def idle_bench(engine: Engine, tmp_path: Path) -> AsyncGenerator[Bench]:
    """Without any table of a workload."""
    # Not in a variable of ours, which a node that is this machine would inherit.
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    sql = SqlSettings(user=_USER, port=engine.port, password_command=f"cat {secret}")
    node = NodeSettings("n1", "127.0.0.1", connection="local", sql=sql)
    account = SqlAccount(node, PasswordSource(sql))
    leases = tmp_path / "leases"
    injector = Injector(
        ClusterSettings("here", (node,), read_only=False, sql=sql),
        {"n1": LocalShell("n1")},
        catalogue.load(),
        lease_directory=str(leases),
        accounts={"n1": account},
    )
    bench = Bench(engine, injector, leases)
    yield bench
    await bench.clear_all()


@pytest.fixture
async def bench(idle_bench: Bench) -> AsyncGenerator[Bench]:
    """With the tables of a workload."""
    fill(idle_bench.engine)
    try:
        yield idle_bench
        await idle_bench.clear_all()
    finally:
        empty(idle_bench.engine)
