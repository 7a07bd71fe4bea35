"""The Stock-Level transaction (clause 2.8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import missing_rows

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import StockLevel

_NEXT_ORDER = "SELECT d_next_o_id FROM district WHERE d_w_id = %d AND d_id = %d"
_LOW = """
SELECT COUNT(DISTINCT s_i_id) FROM order_line, stock
WHERE ol_w_id = %d AND ol_d_id = %d AND ol_o_id < %d AND ol_o_id >= %d
  AND s_w_id = ol_w_id AND s_i_id = ol_i_id AND s_quantity < %d"""
_LAST_ORDERS = 20


def stock_level(databases: Databases, asked: StockLevel) -> int:
    """Number of items in the last 20 orders of a district whose stock is below the threshold.

    Raises:
        DataError: no such district.
    """
    session = databases.of(asked.warehouse)
    district = asked.warehouse, asked.district
    (found,) = session.run(_NEXT_ORDER % district)
    if not found:
        raise missing_rows(asked.warehouse, "a district")
    ((following,),) = found
    ((low,),), _ = session.run(_LOW % (*district, following, following - _LAST_ORDERS, asked.threshold), "COMMIT")
    return int(low)
