"""The five transactions change the tables of a real engine as clause 2 says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType
from distdiag_core.workloads.benchmarks.tpcc.driver.execution import execute
from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionCounter
from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
from distdiag_core.workloads.benchmarks.tpcc.transactions.delivery import delivery
from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import (
    Buyer,
    Delivery,
    Line,
    NewOrder,
    OrderStatus,
    Payment,
    StockLevel,
)
from distdiag_core.workloads.benchmarks.tpcc.transactions.new_order import new_order
from distdiag_core.workloads.benchmarks.tpcc.transactions.order_status import order_status
from distdiag_core.workloads.benchmarks.tpcc.transactions.payment import payment
from distdiag_core.workloads.benchmarks.tpcc.transactions.stock_level import stock_level
from tests.workloads.benchmarks.tpcc.warehouses import CUSTOMERS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.workloads.benchmarks.tpcc.warehouses import Warehouses


@pytest.fixture
def databases(warehouses: Warehouses) -> Iterator[Databases]:
    opened = Databases(warehouses.endpoint(), {}, {})
    yield opened
    opened.close()
    assert warehouses.broken("n1") == []


def _next_order(warehouses: Warehouses, district: int) -> int:
    return int(str(warehouses.value(f"SELECT d_next_o_id FROM district WHERE d_w_id = 1 AND d_id = {district}")))


def _stock(warehouses: Warehouses, warehouse: int, item: int) -> tuple[int, int, int, int]:
    ((quantity, ytd, orders, remote),) = warehouses.rows(
        f"SELECT s_quantity, s_ytd, s_order_cnt, s_remote_cnt FROM stock WHERE s_w_id = {warehouse} AND s_i_id = {item}"
    )
    return quantity, ytd, orders, remote


def test_a_new_order_enters_the_order_and_takes_the_stock(warehouses: Warehouses, databases: Databases) -> None:
    number = _next_order(warehouses, 2)
    before = [_stock(warehouses, *key) for key in ((1, 10), (2, 20), (1, 30))]
    # The same item twice: both lines count.
    lines = (Line(1, 10, 3), Line(2, 20, 10), Line(1, 30, 4), Line(1, 30, 5), Line(1, 40, 1))
    total = new_order(databases, NewOrder(1, 2, 7, lines))

    assert warehouses.rows(
        "SELECT o_c_id, o_carrier_id, o_ol_cnt, o_all_local FROM orders "
        f"WHERE o_w_id = 1 AND o_d_id = 2 AND o_id = {number}"
    ) == ((7, None, 5, 0),)
    assert warehouses.rows(f"SELECT no_o_id FROM new_order WHERE no_w_id = 1 AND no_d_id = 2 AND no_o_id = {number}")
    entered = warehouses.rows(
        "SELECT ol_number, ol_supply_w_id, ol_i_id, ol_quantity, ol_delivery_d, ol_amount = i_price * ol_quantity, "
        "ol_dist_info = s_dist_02 FROM order_line JOIN item ON i_id = ol_i_id "
        "JOIN stock ON s_w_id = ol_supply_w_id AND s_i_id = ol_i_id "
        f"WHERE ol_w_id = 1 AND ol_d_id = 2 AND ol_o_id = {number} ORDER BY ol_number"
    )
    wanted = [(at, line.supplier, line.item, line.quantity, None, 1, 1) for at, line in enumerate(lines, start=1)]
    assert list(entered) == wanted
    after = [_stock(warehouses, *key) for key in ((1, 10), (2, 20), (1, 30))]
    assert after == [
        (_left(before[0][0], 3), before[0][1] + 3, before[0][2] + 1, before[0][3]),
        (_left(before[1][0], 10), before[1][1] + 10, before[1][2] + 1, before[1][3] + 1),
        (_left(_left(before[2][0], 4), 5), before[2][1] + 9, before[2][2] + 2, before[2][3]),
    ]
    ((amount, factor),) = warehouses.rows(
        "SELECT SUM(ol_amount), MAX((1 - c_discount) * (1 + w_tax + d_tax)) "
        "FROM order_line, warehouse, district, customer "
        f"WHERE ol_w_id = 1 AND ol_d_id = 2 AND ol_o_id = {number} AND w_id = 1 AND d_w_id = 1 AND d_id = 2 "
        "AND c_w_id = 1 AND c_d_id = 2 AND c_id = 7"
    )
    assert total == amount * factor


def _left(quantity: int, taken: int) -> int:
    left = quantity - taken
    return left if left >= 10 else left + 91


def test_a_new_order_with_an_unused_item_leaves_nothing(warehouses: Warehouses, databases: Databases) -> None:
    number, before = _next_order(warehouses, 3), _stock(warehouses, 1, 11)
    lines = (*(Line(1, item, 1) for item in (11, 12, 13, 14)), Line(1, ITEMS + 1, 1))
    assert new_order(databases, NewOrder(1, 3, 7, lines)) is None
    assert _next_order(warehouses, 3) == number
    assert _stock(warehouses, 1, 11) == before
    assert warehouses.rows(f"SELECT * FROM order_line WHERE ol_w_id = 1 AND ol_d_id = 3 AND ol_o_id = {number}") == ()


def test_a_payment_updates_the_balances_and_the_history(warehouses: Warehouses, databases: Databases) -> None:
    books = (
        "SELECT w_ytd, d_ytd, c_balance, c_ytd_payment, c_payment_cnt FROM warehouse, district, customer "
        "WHERE w_id = 1 AND d_w_id = 1 AND d_id = 4 AND c_w_id = 2 AND c_d_id = 5 AND c_id = 9"
    )
    ((w_ytd, d_ytd, balance, paid, count),) = warehouses.rows(books)
    assert payment(databases, Payment(1, 4, Buyer(2, 5, 9), 12_305)) == 9
    amount = Decimal("123.05")
    assert warehouses.rows(books) == ((w_ytd + amount, d_ytd + amount, balance - amount, paid + amount, count + 1),)
    assert warehouses.rows(
        "SELECT h_c_d_id, h_w_id, h_d_id, h_amount, h_data = CONCAT(w_name, '    ', d_name) "
        "FROM history, warehouse, district WHERE h_c_w_id = 2 AND h_c_id = 9 AND h_amount = 123.05 "
        "AND w_id = h_w_id AND d_w_id = h_w_id AND d_id = h_d_id"
    ) == ((5, 1, 4, amount, 1),)


def test_a_payment_is_recorded_in_the_data_of_customers_with_bad_credit_only(
    warehouses: Warehouses, databases: Databases
) -> None:
    for credit, noted in (("BC", True), ("GC", False)):
        district, customer = warehouses.rows(
            f"SELECT c_d_id, c_id FROM customer WHERE c_w_id = 1 AND c_credit = '{credit}' LIMIT 1"
        )[0]
        data = f"SELECT c_data FROM customer WHERE c_w_id = 1 AND c_d_id = {district} AND c_id = {customer}"
        before = str(warehouses.value(data))
        payment(databases, Payment(1, 6, Buyer(1, district, customer), 100))
        after = f"{customer} {district} 1 6 1 1.00|{before}"[:500] if noted else before
        assert warehouses.value(data) == after


def test_of_customers_with_one_name_the_middle_one_pays(warehouses: Warehouses, databases: Databases) -> None:
    for names in (("BOB", "ALICE", "CAROL"), ("BOB", "ALICE", "CAROL", "DAVE")):
        for customer, first in enumerate(names, start=1):
            warehouses.engine.execute(
                f"UPDATE tpcc.customer SET c_last = 'SAME', c_first = '{first}' "
                f"WHERE c_w_id = 1 AND c_d_id = 7 AND c_id = {customer}"
            )
        # By first name: ALICE, BOB, CAROL, DAVE; of three and of four it is the second.
        assert payment(databases, Payment(1, 7, Buyer(1, 7, None, "SAME"), 100)) == 1


def test_a_missing_customer_is_an_error(databases: Databases) -> None:
    with pytest.raises(DataError, match="warehouse 1 lacks a customer"):
        payment(databases, Payment(1, 1, Buyer(1, 1, CUSTOMERS + 1), 100))
    databases.undo()


def test_missing_rows_are_errors_in_plain_words(warehouses: Warehouses, databases: Databases) -> None:
    counter = TransactionCounter()
    order = NewOrder(1, 10, 1, tuple(Line(2, item, 1) for item in (60, 61, 62, 63, 64)))
    acts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("the stock of an item", lambda: new_order(databases, order)),
        ("a district or a customer", lambda: new_order(databases, replace(order, customer=CUSTOMERS + 1))),
        ("a district", lambda: stock_level(databases, StockLevel(1, 11, 10))),
    )
    warehouses.engine.execute("DELETE FROM tpcc.stock WHERE s_w_id = 2 AND s_i_id = 62")
    for lacking, act in acts:
        assert not execute(databases, TransactionType.NEW_ORDER, lambda: {"done": bool(act())}, counter)  # noqa: B023
        said = counter.take(0).last_error
        assert said.endswith(f" lacks {lacking}; clean up and prepare again")


def test_order_status_shows_the_last_order(warehouses: Warehouses, databases: Databases) -> None:
    number = _next_order(warehouses, 8)
    new_order(databases, NewOrder(1, 8, 12, (Line(1, 50, 2), Line(1, 51, 3))))
    shown, lines = order_status(databases, OrderStatus(Buyer(1, 8, 12)))
    assert shown == number
    assert [(item, quantity, delivered) for item, _, quantity, _, delivered in lines] == [(50, 2, None), (51, 3, None)]


def test_a_delivery_brings_the_oldest_order_of_each_district(warehouses: Warehouses, databases: Databases) -> None:
    oldest = dict(warehouses.rows("SELECT no_d_id, MIN(no_o_id) FROM new_order WHERE no_w_id = 1 GROUP BY no_d_id"))
    order = oldest[3]
    buyer = warehouses.value(f"SELECT o_c_id FROM orders WHERE o_w_id = 1 AND o_d_id = 3 AND o_id = {order}")
    amount = Decimal(
        str(
            warehouses.value(
                f"SELECT SUM(ol_amount) FROM order_line WHERE ol_w_id = 1 AND ol_d_id = 3 AND ol_o_id = {order}"
            )
        )
    )
    account = f"SELECT c_balance, c_delivery_cnt FROM customer WHERE c_w_id = 1 AND c_d_id = 3 AND c_id = {buyer}"
    ((balance, count),) = warehouses.rows(account)

    assert delivery(databases, Delivery(1, 8)) == oldest
    assert warehouses.rows(account) == ((balance + amount, count + 1),)
    left = warehouses.rows("SELECT no_d_id, MIN(no_o_id) FROM new_order WHERE no_w_id = 1 GROUP BY no_d_id")
    assert dict(left) == {district: number + 1 for district, number in oldest.items()}
    assert warehouses.value(f"SELECT o_carrier_id FROM orders WHERE o_w_id = 1 AND o_d_id = 3 AND o_id = {order}") == 8
    assert warehouses.rows(
        f"SELECT DISTINCT ol_delivery_d IS NULL FROM order_line WHERE ol_w_id = 1 AND ol_d_id = 3 AND ol_o_id = {order}"
    ) == ((0,),)


def test_districts_without_orders_are_left_out(warehouses: Warehouses, databases: Databases) -> None:
    other = Delivery(2, 1)
    while len(delivery(databases, other)) == 10:
        pass
    assert warehouses.rows("SELECT * FROM new_order WHERE no_w_id = 2") == ()
    assert delivery(databases, other) == {}
    assert warehouses.broken("n2") == []


def test_stock_level_counts_the_items_that_are_low(warehouses: Warehouses, databases: Databases) -> None:
    following = _next_order(warehouses, 9)
    for threshold in (10, 15, 101):
        wanted = warehouses.value(
            "SELECT COUNT(DISTINCT s_i_id) FROM stock WHERE s_w_id = 1 AND s_quantity < "
            f"{threshold} AND s_i_id IN (SELECT ol_i_id FROM order_line WHERE ol_w_id = 1 AND ol_d_id = 9 "
            f"AND ol_o_id BETWEEN {following - 20} AND {following - 1})"
        )
        assert stock_level(databases, StockLevel(1, 9, threshold)) == wanted
