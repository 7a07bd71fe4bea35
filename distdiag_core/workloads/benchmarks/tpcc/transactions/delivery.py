"""The Delivery transaction (clause 2.7.4), in one database transaction for all districts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Delivery

_OLDEST = """
SELECT no_d_id, no_o_id FROM new_order WHERE no_w_id = %d AND no_d_id = %d ORDER BY no_o_id LIMIT 1 FOR UPDATE"""
_BUYERS = "SELECT o_d_id, o_c_id FROM orders WHERE (o_w_id, o_d_id, o_id) IN (%s)"
_AMOUNTS = """
SELECT ol_d_id, SUM(ol_amount) FROM order_line WHERE (ol_w_id, ol_d_id, ol_o_id) IN (%s) GROUP BY ol_d_id"""
_TAKE = "DELETE FROM new_order WHERE (no_w_id, no_d_id, no_o_id) IN (%s)"
_CARRY = "UPDATE orders SET o_carrier_id = %d WHERE (o_w_id, o_d_id, o_id) IN (%s)"
_ARRIVE = "UPDATE order_line SET ol_delivery_d = NOW() WHERE (ol_w_id, ol_d_id, ol_o_id) IN (%s)"
_CHARGE = """
UPDATE customer SET c_balance = c_balance + CASE c_d_id %s END, c_delivery_cnt = c_delivery_cnt + 1
WHERE (c_w_id, c_d_id, c_id) IN (%s)"""


def delivery(databases: Databases, asked: Delivery) -> dict[int, int]:
    """Deliver the oldest new order of each district: orders by district, without empty districts (clause 2.7.4.2)."""
    session = databases.of(asked.warehouse)
    oldest = session.run(*(_OLDEST % (asked.warehouse, district) for district in range(1, DISTRICTS + 1)))
    orders = {int(district): int(number) for rows in oldest for district, number in rows}
    if not orders:
        session.undo()
        return {}
    keys = _keys(asked.warehouse, orders)
    of_orders, of_lines = session.run(_BUYERS % keys, _AMOUNTS % keys)
    buyers = {int(district): int(customer) for district, customer in of_orders}
    charges = " ".join(f"WHEN {district:d} THEN {amount}" for district, amount in of_lines)
    session.run(
        _TAKE % keys,
        _CARRY % (asked.carrier, keys),
        _ARRIVE % keys,
        _CHARGE % (charges, _keys(asked.warehouse, buyers)),
        "COMMIT",
    )
    return orders


def _keys(warehouse: int, by_district: Mapping[int, int]) -> str:
    return ", ".join(f"({warehouse:d}, {district:d}, {number:d})" for district, number in by_district.items())
