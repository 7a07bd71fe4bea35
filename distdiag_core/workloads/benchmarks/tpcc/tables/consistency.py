"""The consistency conditions of clause 3.3.2, as queries for offending rows.

Each is one statement on one warehouse and reads a consistent snapshot, so that the conditions hold under load too.
Without condition 10 (see `transactions.databases`) and 11, which is about the initial population.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError
from distdiag_core.workloads import statement_limit
from distdiag_core.workloads.benchmark import Finding
from distdiag_core.workloads.benchmarks.tpcc.tables.tpcc_schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.database import Database, Row

# Some of them read all order lines of a warehouse.
_TIMEOUT_S = 300.0
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """A consistency condition.

    Attributes:
        offending: query for the offending rows of warehouse `%s`; `columns` describes its columns.
    """

    clause: str
    text: str
    columns: tuple[str, ...]
    offending: str

    @property
    def what(self) -> str:
        """Clause and text."""
        return f"{self.clause} {self.text}"


CONDITIONS = (
    Condition(
        "3.3.2.1",
        "W_YTD is the sum of D_YTD",
        ("warehouse", "W_YTD", "sum of D_YTD"),
        """SELECT w_id, w_ytd, SUM(d_ytd) FROM warehouse LEFT JOIN district ON d_w_id = w_id WHERE w_id = %s
        GROUP BY w_id, w_ytd HAVING SUM(d_ytd) IS NULL OR w_ytd <> SUM(d_ytd)""",
    ),
    Condition(
        "3.3.2.2",
        "D_NEXT_O_ID - 1 is the highest O_ID and the highest NO_O_ID",
        ("warehouse", "district", "D_NEXT_O_ID - 1", "highest O_ID", "highest NO_O_ID"),
        """SELECT d_w_id, d_id, d_next_o_id - 1, last_o, last_no FROM district
        LEFT JOIN (SELECT o_w_id, o_d_id, MAX(o_id) last_o FROM orders GROUP BY o_w_id, o_d_id) o
          ON o_w_id = d_w_id AND o_d_id = d_id
        LEFT JOIN (SELECT no_w_id, no_d_id, MAX(no_o_id) last_no FROM new_order GROUP BY no_w_id, no_d_id) n
          ON no_w_id = d_w_id AND no_d_id = d_id
        WHERE d_w_id = %s AND (last_o IS NULL OR last_o <> d_next_o_id - 1 OR last_no <> d_next_o_id - 1)""",
    ),
    Condition(
        "3.3.2.3",
        "the NO_O_ID of a district have no gap",
        ("warehouse", "district", "lowest NO_O_ID", "highest NO_O_ID", "rows"),
        """SELECT no_w_id, no_d_id, MIN(no_o_id), MAX(no_o_id), COUNT(*) FROM new_order WHERE no_w_id = %s
        GROUP BY no_w_id, no_d_id HAVING MAX(no_o_id) - MIN(no_o_id) + 1 <> COUNT(*)""",
    ),
    Condition(
        "3.3.2.4",
        "the sum of O_OL_CNT of a district is the number of its order lines",
        ("warehouse", "district", "sum of O_OL_CNT", "order lines"),
        """SELECT d_w_id, d_id, wanted, found FROM district
        LEFT JOIN (SELECT o_w_id, o_d_id, SUM(o_ol_cnt) wanted FROM orders GROUP BY o_w_id, o_d_id) o
          ON o_w_id = d_w_id AND o_d_id = d_id
        LEFT JOIN (SELECT ol_w_id, ol_d_id, COUNT(*) found FROM order_line GROUP BY ol_w_id, ol_d_id) l
          ON ol_w_id = d_w_id AND ol_d_id = d_id
        WHERE d_w_id = %s AND (wanted IS NULL OR found IS NULL OR wanted <> found)""",
    ),
    Condition(
        "3.3.2.5",
        "O_CARRIER_ID is unknown as long as the order is in NEW-ORDER, and no longer",
        ("warehouse", "district", "order", "O_CARRIER_ID", "NO_O_ID"),
        """SELECT o_w_id, o_d_id, o_id, o_carrier_id, no_o_id FROM orders
        LEFT JOIN new_order ON no_w_id = o_w_id AND no_d_id = o_d_id AND no_o_id = o_id
        WHERE o_w_id = %s AND (o_carrier_id IS NULL) <> (no_o_id IS NOT NULL)""",
    ),
    Condition(
        "3.3.2.6",
        "O_OL_CNT of an order is the number of its lines",
        ("warehouse", "district", "order", "O_OL_CNT", "lines"),
        """SELECT o_w_id, o_d_id, o_id, o_ol_cnt, COUNT(ol_number) FROM orders
        LEFT JOIN order_line ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
        WHERE o_w_id = %s GROUP BY o_w_id, o_d_id, o_id, o_ol_cnt HAVING o_ol_cnt <> COUNT(ol_number)""",
    ),
    Condition(
        "3.3.2.7",
        "OL_DELIVERY_D is unknown as long as O_CARRIER_ID is",
        ("warehouse", "district", "order", "line", "OL_DELIVERY_D", "O_CARRIER_ID"),
        """SELECT o_w_id, o_d_id, o_id, ol_number, ol_delivery_d, o_carrier_id FROM orders
        JOIN order_line ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
        WHERE o_w_id = %s AND (ol_delivery_d IS NULL) <> (o_carrier_id IS NULL)""",
    ),
    Condition(
        "3.3.2.8",
        "W_YTD is the sum of H_AMOUNT",
        ("warehouse", "W_YTD", "sum of H_AMOUNT"),
        """SELECT w_id, w_ytd, paid FROM warehouse
        LEFT JOIN (SELECT h_w_id, SUM(h_amount) paid FROM history GROUP BY h_w_id) h ON h_w_id = w_id
        WHERE w_id = %s AND (paid IS NULL OR w_ytd <> paid)""",
    ),
    Condition(
        "3.3.2.9",
        "D_YTD is the sum of H_AMOUNT",
        ("warehouse", "district", "D_YTD", "sum of H_AMOUNT"),
        """SELECT d_w_id, d_id, d_ytd, paid FROM district
        LEFT JOIN (SELECT h_w_id, h_d_id, SUM(h_amount) paid FROM history GROUP BY h_w_id, h_d_id) h
          ON h_w_id = d_w_id AND h_d_id = d_id
        WHERE d_w_id = %s AND (paid IS NULL OR d_ytd <> paid)""",
    ),
    Condition(
        "3.3.2.12",
        "C_BALANCE + C_YTD_PAYMENT is the sum of OL_AMOUNT that was delivered",
        ("warehouse", "district", "customer", "C_BALANCE + C_YTD_PAYMENT", "sum of OL_AMOUNT"),
        """SELECT c_w_id, c_d_id, c_id, c_balance + c_ytd_payment, COALESCE(owed, 0) FROM customer
        LEFT JOIN (
          SELECT o_w_id, o_d_id, o_c_id, SUM(ol_amount) owed FROM orders
          JOIN order_line ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id
          WHERE ol_delivery_d IS NOT NULL GROUP BY o_w_id, o_d_id, o_c_id
        ) l ON o_w_id = c_w_id AND o_d_id = c_d_id AND o_c_id = c_id
        WHERE c_w_id = %s AND c_balance + c_ytd_payment <> COALESCE(owed, 0)""",
    ),
)


async def check(database: Database, warehouses: Iterable[int]) -> tuple[Finding, ...]:
    """Whether each of the conditions holds in all `warehouses`."""
    await database.query(f"USE {SCHEMA}")
    await statement_limit.limit(database, _TIMEOUT_S)
    numbers = tuple(warehouses)
    return tuple([await _finding(database, condition, numbers) for condition in CONDITIONS])


async def _finding(database: Database, condition: Condition, warehouses: tuple[int, ...]) -> Finding:
    offending: list[Row] = []
    for warehouse in warehouses:
        try:
            offending += await database.query(condition.offending, (warehouse,), timeout_s=_TIMEOUT_S)
        except SqlError as error:
            return Finding(condition.what, holds=False, detail=f"warehouse {warehouse}: refused: {error.what}")
    return Finding(condition.what, holds=not offending, detail=_described(condition, offending))


def _described(condition: Condition, offending: list[Row]) -> str:
    shown = "; ".join(
        ", ".join(f"{column} {value}" for column, value in zip(condition.columns, row, strict=True))
        for row in offending[:_SHOWN]
    )
    more = len(offending) - _SHOWN
    return f"{shown}; and {more:,} more" if more > 0 else shown
