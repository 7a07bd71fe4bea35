"""The anomalies inside the database on a node of the lab: all at once, beside each other, and gone without a trace."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.database import Database

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

NODE = "n2"
ANOMALIES = ("cache_bottleneck", "lock_contention", "slow_query", "too_many_indexes", "workload_overload")
_LIMIT_S = 110.0
_ASK_S = 30.0


@dataclass(frozen=True)
class Bench:
    """One database of the lab, and the injector of anomalies in it."""

    database: Database
    injector: Injector

    async def inject(self, anomaly: str, duration_s: float) -> Injection:
        """Make it happen, so that it shows."""
        plan = await self.injector.plan(InjectionRequest(anomaly, (NODE,), "low", duration_s))
        (injection,) = await self.injector.inject(plan)
        return injection

    async def state(self) -> list[object]:
        """All that they might leave behind in the database."""
        questions = (
            "SELECT index_name FROM information_schema.statistics WHERE index_name LIKE 'distdiag%'",
            "SELECT table_name FROM information_schema.tables WHERE table_schema LIKE 'distdiag%'",
            "SELECT value FROM oceanbase.V$OB_PARAMETERS WHERE name = 'memstore_limit_percentage'",
            "SELECT id FROM information_schema.processlist WHERE host LIKE '127.%'",
        )
        return [await self.database.query(question, timeout_s=_ASK_S) for question in questions]


@asynccontextmanager
async def _bench() -> AsyncGenerator[Bench]:
    settings = inventory.load(inventory.find("lab"))
    async with Cluster(settings) as cluster:
        node = cluster.node(NODE)
        shells, accounts = {NODE: node.shell}, {NODE: node.account}
        yield Bench(node.database, Injector(settings, shells, catalogue.load(), accounts=accounts))


@pytest.fixture
async def lab_bench() -> AsyncGenerator[Bench]:
    async with asyncio.timeout(_LIMIT_S), _bench() as clean:
        await clean.injector.clear_all()
        yield clean
        await clean.injector.clear_all()


async def test_all_of_them_at_once_end_one_by_one_and_leave_nothing(lab_bench: Bench) -> None:
    before = await lab_bench.state()
    begun = [await lab_bench.inject(anomaly, 100) for anomaly in ANOMALIES]
    for injection in begun:
        (ended,) = await lab_bench.injector.clear([injection.id])
        assert ended.state is InjectionState.CLEARED, ended.detail
    assert await lab_bench.state() == before
