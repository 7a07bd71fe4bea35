"""The Order-Status transaction (clause 2.6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.transactions import customers

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import OrderStatus
    from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Rows

_LAST_ORDER = """
SELECT o_id, o_entry_d, o_carrier_id FROM orders
WHERE o_w_id = %d AND o_d_id = %d AND o_c_id = %d ORDER BY o_id DESC LIMIT 1"""
_LINES = """
SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d FROM order_line
WHERE ol_w_id = %d AND ol_d_id = %d AND ol_o_id = %d"""


def order_status(databases: Databases, asked: OrderStatus) -> tuple[int, Rows]:
    """Number and lines of the last order of a customer; 0 and none for a customer without orders."""
    buyer = asked.buyer
    district = buyer.warehouse, buyer.district
    session = databases.of(buyer.warehouse)
    customer: int = customers.find(session, buyer)[0]
    (last,) = session.run(_LAST_ORDER % (*district, customer))
    number: int = last[0][0] if last else 0
    lines, _ = session.run(_LINES % (*district, number), "COMMIT")
    return number, lines
