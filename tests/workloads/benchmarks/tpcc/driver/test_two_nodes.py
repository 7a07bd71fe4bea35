"""TPC-C on two nodes that are separate databases, as in the lab: transactions span both."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.workloads.benchmarks.tpcc.driver.node_probe import NodeProbe
from distdiag_core.workloads.benchmarks.tpcc.driver.warehouse_map import answers, discover
from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Buyer, Line, NewOrder, Payment
from distdiag_core.workloads.benchmarks.tpcc.transactions.new_order import new_order
from distdiag_core.workloads.benchmarks.tpcc.transactions.payment import payment
from tests.workloads.benchmarks.tpcc.driving import driving, gone
from tests.workloads.benchmarks.tpcc.warehouses import ITEMS, Warehouses
from tests.workloads.engine import Engine
from tests.workloads.relay import relayed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.workloads.endpoint import Endpoint
    from tests.workloads.benchmarks.tpcc.driving import Drive

pytestmark = pytest.mark.usefixtures("own_places")

_LIMIT_S = 100.0

Nodes = dict[str, Warehouses]


@pytest.fixture(scope="module")
def nodes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Warehouse 1 on the first, warehouse 2 on the second."""
    other = Engine(tmp_path_factory.mktemp("other_engine") / "data")
    loaded = {"n1": Warehouses(engine), "n2": Warehouses(other)}
    with ThreadPoolExecutor() as beside:
        starting = beside.submit(other.start)
        loaded["n1"].load("n1")
        starting.result()
    loaded["n2"].load("n2")
    yield loaded
    loaded["n1"].drop()
    other.kill()


def _endpoints(nodes: Nodes) -> dict[str, Endpoint]:
    return {name: warehouses.endpoint() for name, warehouses in nodes.items()}


@pytest.fixture
def databases(nodes: Nodes) -> Iterator[Databases]:
    opened = Databases(nodes["n1"].endpoint(), {2: "n2"}, {"n2": nodes["n2"].endpoint()})
    yield opened
    opened.close()


def _remote(drive: Drive) -> float:
    """Transactions that have touched the other node."""
    return sum(report.extra["remote_per_s"] for report in drive.reports)


def _consistent(nodes: Nodes) -> bool:
    return not any(warehouses.broken(name) for name, warehouses in nodes.items())


def test_each_node_maps_the_warehouses_of_the_other(nodes: Nodes) -> None:
    first, second = (discover(node, _endpoints(nodes)) for node in nodes)
    assert (first.home, first.here, first.elsewhere) == ((1,), (), {2: "n2"})
    assert (second.home, second.here, second.elsewhere) == ((2,), (), {1: "n1"})


def test_an_unreachable_node_is_left_out(nodes: Nodes) -> None:
    endpoints = _endpoints(nodes)
    warehouse_map = discover("n1", {**endpoints, "n2": replace(endpoints["n2"], port=1)})
    assert (warehouse_map.home, warehouse_map.elsewhere, warehouse_map.unreached) == ((1,), {}, ("n2",))


async def test_the_probe_notices_a_node_that_is_reachable_again(nodes: Nodes) -> None:
    endpoint = nodes["n2"].endpoint()
    async with asyncio.timeout(_LIMIT_S), relayed(endpoint.port) as relay:
        away = replace(endpoint, port=relay.port)
        await relay.cut()
        assert not await asyncio.to_thread(answers, "n2", away)
        probe = NodeProbe({"n2": away}, every_s=0.05)
        assert not probe.back.is_set()
        await relay.open()
        assert await asyncio.to_thread(probe.back.wait, _LIMIT_S)
    # It answers, and has no warehouses of the node that is asked for.
    assert not await asyncio.to_thread(answers, "n1", endpoint)


def test_an_order_takes_stock_of_the_other_node(nodes: Nodes, databases: Databases) -> None:
    stock = "SELECT s_ytd, s_order_cnt, s_remote_cnt FROM stock WHERE s_w_id = 2 AND s_i_id = 20"
    ((ytd, orders, remote),) = nodes["n2"].rows(stock)
    assert new_order(databases, NewOrder(1, 2, 7, (Line(1, 10, 3), Line(2, 20, 5)))) is not None
    assert nodes["n2"].rows(stock) == ((ytd + 5, orders + 1, remote + 1),)
    # All lines may come from there.
    assert new_order(databases, NewOrder(1, 2, 7, (Line(2, 20, 4),))) is not None
    assert nodes["n2"].rows(stock) == ((ytd + 9, orders + 2, remote + 2),)
    assert _consistent(nodes)


def test_an_unused_item_is_rolled_back_on_both(nodes: Nodes, databases: Databases) -> None:
    stock = "SELECT s_quantity, s_ytd, s_order_cnt FROM stock WHERE s_w_id = 2 AND s_i_id = 21"
    before = nodes["n2"].rows(stock)
    number = nodes["n1"].value("SELECT d_next_o_id FROM district WHERE d_w_id = 1 AND d_id = 2")
    order = NewOrder(1, 2, 7, (Line(2, 21, 5), Line(1, 10, 3), Line(1, ITEMS + 1, 1)))
    assert new_order(databases, order) is None
    assert nodes["n2"].rows(stock) == before
    assert nodes["n1"].value("SELECT d_next_o_id FROM district WHERE d_w_id = 1 AND d_id = 2") == number
    # Nothing is locked either: with a lock left behind, this would be refused.
    nodes["n2"].engine.execute("SET ob_trx_lock_timeout = 0")
    nodes["n2"].engine.execute("UPDATE tpcc.stock SET s_quantity = s_quantity WHERE s_w_id = 2 AND s_i_id = 21")


def test_a_customer_of_the_other_node_pays_here(nodes: Nodes, databases: Databases) -> None:
    account = "SELECT c_balance, c_payment_cnt FROM customer WHERE c_w_id = 2 AND c_d_id = 5 AND c_id = 9"
    ((balance, count),) = nodes["n2"].rows(account)
    payment(databases, Payment(1, 4, Buyer(2, 5, 9), 50_000))
    assert nodes["n2"].rows(account) == ((balance - 500, count + 1),)
    assert nodes["n1"].value("SELECT COUNT(*) FROM history WHERE h_c_w_id = 2 AND h_c_id = 9 AND h_amount = 500") == 1
    assert _consistent(nodes)


async def test_a_killed_driver_leaves_both_nodes_consistent(nodes: Nodes) -> None:
    request = replace(nodes["n1"].request, threads=8)
    async with asyncio.timeout(_LIMIT_S), driving(request, _endpoints(nodes)) as drive:
        await drive.until(lambda drive: drive.finished > 30 and _remote(drive) > 0)
        family = drive.family()
        for process in family:
            process.kill()
        await gone(family)
    assert await asyncio.to_thread(_consistent, nodes)


async def test_the_driver_continues_without_the_other_node_and_reconnects(nodes: Nodes) -> None:
    request = replace(nodes["n1"].request, threads=4)
    endpoints = _endpoints(nodes)
    async with asyncio.timeout(_LIMIT_S), relayed(endpoints["n2"].port) as relay:
        endpoints["n2"] = replace(endpoints["n2"], port=relay.port)
        async with driving(request, endpoints) as drive:
            await drive.until(lambda drive: _remote(drive) > 0)
            await relay.cut()
            await drive.until(lambda drive: any(report.errors_per_s for report in drive.reports))
            drive.reports.clear()
            await drive.until(lambda drive: drive.finished > 5)
            await relay.open()
            drive.reports.clear()
            await drive.until(lambda drive: _remote(drive) > 0)
    assert any("payment: " in line or "new_order: " in line for line in drive.said)
    assert await asyncio.to_thread(_consistent, nodes)
