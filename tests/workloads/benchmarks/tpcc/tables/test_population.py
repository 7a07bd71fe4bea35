"""The initial population: cardinalities, initial values, and tables of another size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.workloads.benchmarks.tpcc.tables import chunks
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc, TpccOptions
from tests.workloads.benchmarks.tpcc.warehouses import CUSTOMERS, expected

if TYPE_CHECKING:
    from tests.workloads.benchmarks.tpcc.warehouses import Warehouses


def test_the_specification_has_its_cardinalities() -> None:
    full = chunks.of_warehouses([1], Scale())
    rows = {table: sum(chunk.rows for chunk in full if chunk.table == table) for table in ("item", "stock", "customer")}
    assert rows == {"item": 100_000, "stock": 100_000, "customer": 60_000}
    orders = next(chunk for chunk in full if chunk.table == "orders")
    made = [table for table, batch in orders.batches(Scale()) for _ in batch]
    assert (made.count("orders"), made.count("new_order")) == (3_000, 900)
    assert 29_000 < made.count("order_line") < 31_000


def test_two_nodes_with_the_same_tables_load_their_own_warehouses(warehouses: Warehouses) -> None:
    assert warehouses.counts() == expected(2)
    assert [warehouses.missing(node) for node in ("n1", "n2")] == ["", ""]
    assert warehouses.broken("n1") == warehouses.broken("n2") == []


def test_columns_start_as_the_specification_says(warehouses: Warehouses) -> None:
    delivered = CUSTOMERS * 7 // 10
    assert warehouses.rows("SELECT DISTINCT d_next_o_id, d_ytd FROM district") == ((CUSTOMERS + 1, 10 * CUSTOMERS),)
    assert warehouses.rows(f"SELECT DISTINCT o_carrier_id IS NULL FROM orders WHERE o_id <= {delivered}") == ((0,),)
    assert warehouses.rows(f"SELECT DISTINCT o_carrier_id IS NULL FROM orders WHERE o_id > {delivered}") == ((1,),)
    assert warehouses.value("SELECT COUNT(DISTINCT o_c_id) FROM orders WHERE o_w_id = 1 AND o_d_id = 1") == CUSTOMERS
    assert warehouses.value("SELECT COUNT(DISTINCT c_last) FROM customer WHERE c_w_id = 1 AND c_d_id = 1") == CUSTOMERS
    bad, original = (
        float(str(warehouses.value(query)))
        for query in (
            "SELECT AVG(c_credit = 'BC') FROM customer",
            "SELECT AVG(s_data LIKE '%ORIGINAL%') FROM stock",
        )
    )
    # Rows are the same each time, so that these can be bounded closely.
    assert abs(bad - 0.1) < 0.04
    assert abs(original - 0.1) < 0.02


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        (TpccOptions(warehouses=1, scale=2), r"n1: the tables were loaded at a scale of 1 %, not 2 %; say the same"),
        (TpccOptions(warehouses=2, scale=1), r"n1: warehouse 2 was loaded for n2, when nodes had another number"),
    ],
)
async def test_tables_of_another_size_are_refused(warehouses: Warehouses, options: TpccOptions, trouble: str) -> None:
    request = replace(warehouses.request, options=options)
    with pytest.raises(DataError, match=trouble):
        await Tpcc().prepare(warehouses.target("n1"), request, lambda _done, _total: None)
    with pytest.raises(DataError, match=trouble):
        await Tpcc().missing(warehouses.target("n1"), request)
