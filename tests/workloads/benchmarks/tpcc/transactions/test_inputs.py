"""Inputs of transactions have the shares of clause 2."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest

from distdiag_core.workloads.benchmarks.tpcc.tables import chunks
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Inputs
from tests.workloads.benchmarks.tpcc.chi_square import fits

_DRAWS = 10_000


def _inputs(*warehouses: int) -> Inputs:
    scale, random = Scale(), Random(7)
    constants = chunks.load_constants(scale).of_run(scale, random)
    return Inputs((warehouses[0], 3), warehouses, scale, constants, random)


def _even(counts: Counter[int], values: range) -> bool:
    observed = np.array([counts[value] for value in values])
    return sum(counts.values()) == observed.sum() and fits(observed, np.full(len(values), 1 / len(values)))


def _share(number: int, of: int, share: float) -> bool:
    return fits(np.array([number, of - number]), np.array([share, 1 - share]))


def test_new_orders_have_the_shares_of_the_specification() -> None:
    inputs = _inputs(1, 2, 3)
    orders = [inputs.new_order() for _ in range(_DRAWS)]
    lines = [line for order in orders for line in order.lines]
    assert {order.warehouse for order in orders} == {1}
    assert _even(Counter(order.district for order in orders), range(1, 11))
    assert _even(Counter(len(order.lines) for order in orders), range(5, 16))
    assert _even(Counter(line.quantity for line in lines), range(1, 11))
    assert {order.customer for order in orders} <= set(range(1, 3_001))


def test_one_new_order_in_a_hundred_ends_with_an_unused_item() -> None:
    inputs = _inputs(1, 2)
    orders = [inputs.new_order() for _ in range(_DRAWS)]
    unused = [order for order in orders if any(line.item > 100_000 for line in order.lines)]
    assert _share(len(unused), len(orders), 0.01)
    assert all(order.lines[-1].item == 100_001 for order in unused)
    assert all(line.item <= 100_000 for order in unused for line in order.lines[:-1])


def test_one_line_in_a_hundred_comes_from_another_warehouse() -> None:
    inputs = _inputs(1, 2, 3)
    lines = [line for _ in range(_DRAWS) for line in inputs.new_order().lines]
    suppliers = Counter(line.supplier for line in lines)
    assert _share(suppliers[2] + suppliers[3], len(lines), 0.01)
    assert _share(suppliers[2], suppliers[2] + suppliers[3], 0.5)


def test_payments_have_the_shares_of_the_specification() -> None:
    inputs = _inputs(1, 2, 3)
    payments = [inputs.payment() for _ in range(_DRAWS)]
    remote = [paid for paid in payments if paid.buyer.warehouse != 1]
    local = [paid for paid in payments if paid.buyer.warehouse == 1]
    assert _share(len(remote), len(payments), 0.15)
    assert all(paid.buyer.district == paid.district for paid in local)
    assert _even(Counter(paid.buyer.district for paid in remote), range(1, 11))
    assert _share(sum(paid.buyer.customer is None for paid in payments), len(payments), 0.6)
    cents = [paid.cents for paid in payments]
    assert 100 <= min(cents) < 1_000
    assert 499_000 < max(cents) <= 500_000


def test_other_inputs_have_the_shares_of_the_specification() -> None:
    inputs = _inputs(1, 2)
    buyers = [inputs.order_status().buyer for _ in range(_DRAWS)]
    levels = [inputs.stock_level() for _ in range(_DRAWS)]
    assert _share(sum(buyer.customer is None for buyer in buyers), len(buyers), 0.6)
    assert {buyer.warehouse for buyer in buyers} == {1}
    assert _even(Counter(inputs.delivery().carrier for _ in range(_DRAWS)), range(1, 11))
    assert _even(Counter(level.threshold for level in levels), range(10, 21))
    assert {(level.warehouse, level.district) for level in levels} == {(1, 3)}


@pytest.mark.parametrize("draw", ["new_order", "payment"])
def test_a_single_warehouse_has_no_remote_transactions(draw: str) -> None:
    inputs = _inputs(5)
    for _ in range(1_000):
        drawn = getattr(inputs, draw)()
        suppliers = {line.supplier for line in drawn.lines} if draw == "new_order" else {drawn.buyer.warehouse}
        assert suppliers == {5}
