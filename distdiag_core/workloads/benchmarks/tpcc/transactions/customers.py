"""Selection of a customer by number or by last name (clauses 2.5.2.2 and 2.6.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymysql.converters import escape_string

from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import missing_rows

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Buyer
    from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Session

# The columns that both transactions show.
_FIND = """
SELECT c_id, c_first, c_middle, c_last, c_balance, c_street_1, c_street_2, c_city, c_state, c_zip, c_phone, c_since,
  c_credit, c_credit_lim, c_discount
FROM customer WHERE c_w_id = %d AND c_d_id = %d"""
_BY_NUMBER = _FIND + " AND c_id = %d"
_BY_NAME = _FIND + " AND c_last = '%s' ORDER BY c_first"


def find(session: Session, buyer: Buyer) -> tuple[Any, ...]:
    """Select a customer: number and shown columns; of several with the last name the middle one by first name.

    Raises:
        DataError: no such customer.
    """
    if buyer.customer is not None:
        (found,) = session.run(_BY_NUMBER % (buyer.warehouse, buyer.district, buyer.customer))
    else:
        (found,) = session.run(_BY_NAME % (buyer.warehouse, buyer.district, escape_string(buyer.last_name)))
    if not found:
        raise missing_rows(buyer.warehouse, "a customer")
    # Position n/2, rounded up, counted from 1.
    return found[(len(found) - 1) // 2]
