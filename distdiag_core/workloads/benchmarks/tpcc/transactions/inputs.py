"""What is typed into a terminal (clauses 2.4.1, 2.5.1, 2.6.1, 2.7.1, 2.8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import nurand
from distdiag_core.workloads.benchmarks.tpcc.tables.random_text import last_name
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants
    from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer, by number or by last name.

    Attributes:
        customer: None where the last name is given.
    """

    warehouse: int
    district: int
    customer: int | None
    last_name: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of an order; in the order in which stock is locked."""

    supplier: int
    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Clause 2.4.1; an item that does not exist makes the transaction roll back."""

    warehouse: int
    district: int
    customer: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """Clause 2.5.1."""

    warehouse: int
    district: int
    buyer: Buyer
    cents: int


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """Clause 2.6.1."""

    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Delivery:
    """Clause 2.7.1."""

    warehouse: int
    carrier: int


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Clause 2.8.1."""

    warehouse: int
    district: int
    threshold: int


class Inputs:
    """Of one terminal, which stands in a warehouse and a district.

    Args:
        warehouses: all that there are.
    """

    def __init__(
        self, place: tuple[int, int], warehouses: Sequence[int], scale: Scale, constants: Constants, random: Random
    ) -> None:
        self._home, self._district = place
        self._others = tuple(warehouse for warehouse in warehouses if warehouse != self._home)
        self._scale = scale
        self._c = constants
        self._random = random

    def new_order(self) -> NewOrder:
        """1 % of the orders end with an unused item, 1 % of the lines are supplied by another warehouse."""
        random, scale = self._random, self._scale
        count = random.randint(5, 15)
        lines = [self._line() for _ in range(count)]
        if random.randint(1, 100) == 1:
            last = lines[-1]
            lines[-1] = Line(last.supplier, scale.items + 1, last.quantity)
        return NewOrder(self._home, random.randint(1, DISTRICTS), self._customer(), tuple(lines))

    def payment(self) -> Payment:
        """15 % are of a customer of another warehouse."""
        random = self._random
        district = random.randint(1, DISTRICTS)
        warehouse, of_district = self._home, district
        if self._others and random.randint(1, 100) > 85:
            warehouse, of_district = random.choice(self._others), random.randint(1, DISTRICTS)
        return Payment(self._home, district, self._buyer(warehouse, of_district), random.randint(100, 500_000))

    def order_status(self) -> OrderStatus:
        """The last order of a customer."""
        return OrderStatus(self._buyer(self._home, self._random.randint(1, DISTRICTS)))

    def delivery(self) -> Delivery:
        """The oldest order of each district."""
        return Delivery(self._home, self._random.randint(1, 10))

    def stock_level(self) -> StockLevel:
        """What the last orders of the terminal's district leave."""
        return StockLevel(self._home, self._district, self._random.randint(10, 20))

    def _line(self) -> Line:
        random, items = self._random, self._scale.items
        supplier = random.choice(self._others) if self._others and random.randint(1, 100) == 1 else self._home
        return Line(supplier, nurand(random, self._scale.a_of_items, 1, items, self._c.item), random.randint(1, 10))

    def _customer(self) -> int:
        return nurand(self._random, self._scale.a_of_customers, 1, self._scale.customers, self._c.customer)

    def _buyer(self, warehouse: int, district: int) -> Buyer:
        """60 % by last name."""
        if self._random.randint(1, 100) > 60:
            return Buyer(warehouse, district, self._customer())
        names, a = self._scale.last_names, self._scale.a_of_last_names
        return Buyer(warehouse, district, None, last_name(nurand(self._random, a, 0, names - 1, self._c.last_name)))
