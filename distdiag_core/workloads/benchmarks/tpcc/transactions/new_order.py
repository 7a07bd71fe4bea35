"""The New-Order transaction (clause 2.4.2)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from pymysql.converters import escape_string

from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import missing_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.workloads.benchmarks.tpcc.transactions.databases import Databases
    from distdiag_core.workloads.benchmarks.tpcc.transactions.inputs import Line, NewOrder
    from distdiag_core.workloads.benchmarks.tpcc.transactions.session import Rows, Session

_ITEMS = "SELECT i_id, i_price, i_name, i_data FROM item WHERE i_id IN (%s)"
_STOCK = """
SELECT s_w_id, s_i_id, s_quantity, s_ytd, s_order_cnt, s_remote_cnt, s_dist_%02d, s_data
FROM stock WHERE (s_w_id, s_i_id) IN (%s) FOR UPDATE"""
_NEXT_ORDER = "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = %d AND d_id = %d"
_TERMS = """
SELECT d_next_o_id - 1, w_tax, d_tax, c_discount, c_last, c_credit FROM warehouse, district, customer
WHERE w_id = %d AND d_w_id = w_id AND d_id = %d AND c_w_id = w_id AND c_d_id = d_id AND c_id = %d"""
_TAKE = """
UPDATE stock SET s_quantity = CASE s_i_id %s END, s_ytd = CASE s_i_id %s END, s_order_cnt = CASE s_i_id %s END,
  s_remote_cnt = CASE s_i_id %s END
WHERE s_w_id = %d AND s_i_id IN (%s)"""
_ORDER = "INSERT INTO orders VALUES (%d, %d, %d, %d, NOW(), NULL, %d, %d)"
_NEW_ORDER = "INSERT INTO new_order VALUES (%d, %d, %d)"
_LINES = "INSERT INTO order_line VALUES %s"
_LINE = "(%d, %d, %d, %d, %d, %d, NULL, %d, %s, '%s')"


class Stock(NamedTuple):
    """Stock of an item in a warehouse."""

    quantity: int
    ytd: int
    order_count: int
    remote_count: int
    info: str
    data: str

    def after(self, line: Line, home: int) -> Stock:
        """The stock after a line of an order; below 10 items, 91 are restocked."""
        left = self.quantity - line.quantity
        return self._replace(
            quantity=left if left >= 10 else left + 91,
            ytd=self.ytd + line.quantity,
            order_count=self.order_count + 1,
            remote_count=self.remote_count + (line.supplier != home),
        )


def new_order(databases: Databases, order: NewOrder) -> Decimal | None:
    """Enter an order: its total amount, or None after the rollback for an unused item.

    The other lines of such an order are processed before the rollback (clause 2.4.2.3).

    Raises:
        DataError: a row is missing.
    """
    prices, stock = _read(databases, order)
    district = order.warehouse, order.district
    _, terms = databases.home.run(_NEXT_ORDER % district, _TERMS % (*district, order.customer))
    if not terms:
        raise missing_rows(order.warehouse, "a district or a customer")
    ((number, w_tax, d_tax, discount, _, _),) = terms
    amounts = _take_stock(order, prices, stock)
    all_local = all(line.supplier == order.warehouse for line in order.lines)
    lines = (
        _LINE % (*district, number, at, line.item, line.supplier, line.quantity, amounts[at], _info(stock, line))
        for at, line in enumerate(order.lines, start=1)
        if at in amounts
    )
    taken = _updates(databases, stock)
    entered = (
        *taken.pop(databases.home, ()),
        _ORDER % (*district, number, order.customer, len(order.lines), all_local),
        _NEW_ORDER % (*district, number),
        _LINES % ", ".join(lines),
    )
    for session, statements in taken.items():
        session.run(*statements)
    if len(amounts) < len(order.lines):
        databases.home.run(*entered)
        databases.undo()
        return None
    databases.commit(set(taken), *entered)
    return Decimal(sum(amounts.values()) * (1 - discount) * (1 + w_tax + d_tax))


def _read(databases: Databases, order: NewOrder) -> tuple[dict[int, Decimal], dict[tuple[int, int], Stock]]:
    """Read prices by item, and lock and read stock by warehouse and item."""
    wanted: dict[Session, list[tuple[int, int]]] = defaultdict(list)
    for key in sorted({(line.supplier, line.item) for line in order.lines}):
        wanted[databases.of(key[0])].append(key)
    items = _ITEMS % ", ".join(f"{item:d}" for item in {line.item for line in order.lines})
    prices: dict[int, Decimal] = {}
    rows: list[Rows] = []
    for session, keys in wanted.items():
        stock = _STOCK % (order.district, ", ".join(f"({supplier:d}, {item:d})" for supplier, item in keys))
        if session is databases.home:
            found, of_stock = session.run(items, stock)
            prices = {int(item): price for item, price, _, _ in found}
        else:
            (of_stock,) = session.run(stock)
        rows.append(of_stock)
    if databases.home not in wanted:
        (found,) = databases.home.run(items)
        prices = {int(item): price for item, price, _, _ in found}
    return prices, {(int(row[0]), int(row[1])): Stock(*row[2:]) for of_stock in rows for row in of_stock}


def _take_stock(
    order: NewOrder, prices: Mapping[int, Decimal], stock: dict[tuple[int, int], Stock]
) -> dict[int, Decimal]:
    """Take the lines of an order out of `stock`: the amount of each, by its number; none for an unused item.

    Raises:
        DataError: a warehouse has no stock of an item.
    """
    amounts: dict[int, Decimal] = {}
    for at, line in enumerate(order.lines, start=1):
        if line.item in prices:
            if (line.supplier, line.item) not in stock:
                raise missing_rows(line.supplier, "the stock of an item")
            stock[line.supplier, line.item] = stock[line.supplier, line.item].after(line, order.warehouse)
            amounts[at] = prices[line.item] * line.quantity
    return amounts


def _updates(databases: Databases, stock: Mapping[tuple[int, int], Stock]) -> dict[Session, list[str]]:
    """The statements that update the stock, by database."""
    by_warehouse: dict[int, dict[int, Stock]] = defaultdict(dict)
    for (warehouse, item), left in stock.items():
        by_warehouse[warehouse][item] = left
    statements: dict[Session, list[str]] = defaultdict(list)
    for warehouse, items in by_warehouse.items():
        columns = [
            _cases((item, left.quantity) for item, left in items.items()),
            _cases((item, left.ytd) for item, left in items.items()),
            _cases((item, left.order_count) for item, left in items.items()),
            _cases((item, left.remote_count) for item, left in items.items()),
        ]
        keys = ", ".join(f"{item:d}" for item in items)
        statements[databases.of(warehouse)].append(_TAKE % (*columns, warehouse, keys))
    return statements


def _cases(values: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"WHEN {item:d} THEN {value:d}" for item, value in values)


def _info(stock: Mapping[tuple[int, int], Stock], line: Line) -> str:
    return escape_string(stock[line.supplier, line.item].info)
