"""TPC-C on a real engine, prepared as by an operator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pymysql

from distdiag_core.cluster import password
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc, TpccOptions
from distdiag_core.workloads.endpoint import Endpoint
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark import Finding
    from tests.workloads.engine import Engine

PERCENT = 1
ITEMS, CUSTOMERS = 1_000, 30
NODES = ("n1", "n2")


class Warehouses:
    """One a node; the engine is that of both nodes, unless the second has one of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settings = engine.cluster("tpcc")
        self.request = WorkloadRequest("tpcc", "mix", NODES, options=TpccOptions(warehouses=1, scale=PERCENT))

    def target(self, node: str) -> BenchmarkTarget:
        return BenchmarkTarget(self.settings, password.of_nodes(self.settings.nodes), node, NODES)

    def load(self, *nodes: str) -> None:
        async def fill() -> None:
            for node in nodes:
                await Tpcc().prepare(self.target(node), self.request, lambda _done, _total: None)

        asyncio.run(fill())

    def drop(self) -> None:
        asyncio.run(Tpcc().cleanup(self.target("n1"), self.request))

    def missing(self, node: str) -> str:
        return asyncio.run(Tpcc().missing(self.target(node), self.request))

    def broken(self, node: str) -> list[Finding]:
        """The consistency conditions that do not hold in the warehouses of `node`."""
        findings = asyncio.run(Tpcc().validate(self.target(node), self.request))
        assert len(findings) == 10
        return [finding for finding in findings if not finding.holds]

    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.engine.port, "root", "")

    def rows(self, statement: str) -> tuple[tuple[Any, ...], ...]:
        with (
            pymysql.connect(
                host="127.0.0.1", port=self.engine.port, user="root", password="", autocommit=True, database="tpcc"
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def counts(self) -> dict[str, object]:
        """Rows of the tables whose number is not random."""
        return {table: self.value(f"SELECT COUNT(*) FROM {table}") for table in expected(1)}

    def value(self, statement: str) -> object:
        """Of a statement that returns one."""
        ((value,),) = self.rows(statement)
        return value


def expected(warehouses: int) -> dict[str, object]:
    """What `counts` are after loading."""
    of_districts = 10 * CUSTOMERS * warehouses
    return {
        "item": ITEMS,
        "warehouse": warehouses,
        "stock": ITEMS * warehouses,
        "district": 10 * warehouses,
        "customer": of_districts,
        "history": of_districts,
        "orders": of_districts,
        "new_order": of_districts * 3 // 10,
    }
