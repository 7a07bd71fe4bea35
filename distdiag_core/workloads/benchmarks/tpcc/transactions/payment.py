"""The Payment transaction (clause 2.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.transactions import customers

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Payment

_PAY = """
UPDATE customer SET c_balance = c_balance - %s, c_ytd_payment = c_ytd_payment + %s, c_payment_cnt = c_payment_cnt + 1,
  c_data = IF(c_credit = 'BC', LEFT(CONCAT('%d %d %d %d %d %s|', c_data), 500), c_data)
WHERE c_w_id = %d AND c_d_id = %d AND c_id = %d"""
_SHOW = "SELECT c_balance, LEFT(c_data, 200) FROM customer WHERE c_w_id = %d AND c_d_id = %d AND c_id = %d"
_WAREHOUSE = "UPDATE warehouse SET w_ytd = w_ytd + %s WHERE w_id = %d"
_DISTRICT = "UPDATE district SET d_ytd = d_ytd + %s WHERE d_w_id = %d AND d_id = %d"
_HISTORY = """
INSERT INTO history (h_c_id, h_c_d_id, h_c_w_id, h_d_id, h_w_id, h_date, h_amount, h_data)
SELECT %d, %d, %d, d_id, d_w_id, NOW(), %s, CONCAT(w_name, '    ', d_name) FROM warehouse, district
WHERE w_id = %d AND d_w_id = w_id AND d_id = %d"""
_ADDRESSES = """
SELECT w_name, w_street_1, w_street_2, w_city, w_state, w_zip, d_name, d_street_1, d_street_2, d_city, d_state, d_zip
FROM warehouse, district WHERE w_id = %d AND d_w_id = w_id AND d_id = %d"""


def payment(databases: Databases, paid: Payment) -> int:
    """Book a payment to the home warehouse, and return the number of the customer."""
    buyer = paid.buyer
    session = databases.of(buyer.warehouse)
    customer: int = customers.find(session, buyer)[0]
    amount = f"{paid.cents // 100}.{paid.cents % 100:02d}"
    whose = buyer.warehouse, buyer.district, customer
    where = paid.warehouse, paid.district
    credit = (
        # Prepended to the data of a customer with bad credit (clause 2.5.2.2).
        _PAY
        % (amount, amount, customer, buyer.district, buyer.warehouse, paid.district, paid.warehouse, amount, *whose),
        _SHOW % whose,
    )
    # The row that all payments of a warehouse update comes last, so that it is locked for one round trip.
    income = (
        _WAREHOUSE % (amount, paid.warehouse),
        _DISTRICT % (amount, *where),
        _HISTORY % (customer, buyer.district, buyer.warehouse, amount, *where),
        _ADDRESSES % where,
    )
    if session is databases.home:
        databases.commit(set(), *credit, *income)
    else:
        session.run(*credit)
        databases.commit({session}, *income)
    return customer
