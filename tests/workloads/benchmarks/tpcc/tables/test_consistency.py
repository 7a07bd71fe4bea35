"""The consistency conditions find violations in the tables of a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workloads.benchmarks.tpcc.warehouses import Warehouses

_BREAKS = {
    "3.3.2.1": "UPDATE tpcc.warehouse SET w_ytd = w_ytd {} 1 WHERE w_id = 1",
    "3.3.2.2": "UPDATE tpcc.district SET d_next_o_id = d_next_o_id {} 1 WHERE d_w_id = 1 AND d_id = 2",
    "3.3.2.4": "UPDATE tpcc.orders SET o_ol_cnt = o_ol_cnt {} 1 WHERE o_w_id = 1 AND o_d_id = 2 AND o_id = 3",
    "3.3.2.9": "UPDATE tpcc.district SET d_ytd = d_ytd {} 1 WHERE d_w_id = 1 AND d_id = 2",
    "3.3.2.12": "UPDATE tpcc.customer SET c_balance = c_balance {} 1 WHERE c_w_id = 1 AND c_d_id = 2 AND c_id = 3",
}


@pytest.mark.parametrize("clause", _BREAKS)
def test_a_violated_condition_is_a_finding_with_the_rows(warehouses: Warehouses, clause: str) -> None:
    warehouses.engine.execute(_BREAKS[clause].format("+"))
    try:
        broken = warehouses.broken("n1")
        assert warehouses.broken("n2") == []
    finally:
        warehouses.engine.execute(_BREAKS[clause].format("-"))
    (found,) = [finding for finding in broken if finding.what.startswith(f"{clause} ")]
    assert found.detail.startswith("warehouse 1, ")


def test_a_gap_and_a_lost_line_are_found(warehouses: Warehouses) -> None:
    engine = warehouses.engine
    engine.execute("DELETE FROM tpcc.new_order WHERE no_w_id = 1 AND no_d_id = 2 AND no_o_id = 25")
    engine.execute("DELETE FROM tpcc.order_line WHERE ol_w_id = 1 AND ol_d_id = 4 AND ol_o_id = 5 AND ol_number = 1")
    broken = {finding.what.split()[0]: finding.detail for finding in warehouses.broken("n1")}
    assert broken["3.3.2.3"] == "warehouse 1, district 2, lowest NO_O_ID 22, highest NO_O_ID 30, rows 8"
    assert broken["3.3.2.5"] == "warehouse 1, district 2, order 25, O_CARRIER_ID None, NO_O_ID None"
    assert set(broken) == {"3.3.2.3", "3.3.2.4", "3.3.2.5", "3.3.2.6"}


def test_a_check_that_the_database_refuses_fails_with_its_error(warehouses: Warehouses) -> None:
    warehouses.engine.execute("DROP TABLE tpcc.history")
    broken = {finding.what.split()[0]: finding.detail for finding in warehouses.broken("n2")}
    assert set(broken) == {"3.3.2.8", "3.3.2.9"}
    assert "doesn't exist" in broken["3.3.2.8"]
