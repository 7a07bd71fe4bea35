"""Random inputs of the transactions (clauses 2.4.1, 2.5.1, 2.6.1, 2.7.1, 2.8.1)."""

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
    """A customer given by number or by last name.

    Attributes:
        customer: number; None where the last name is given.
    """

    warehouse: int
    district: int
    customer: int | None
    last_name: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of an order; lines sort in the order in which stock is locked."""

    supplier: int
    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Input of New-Order (clause 2.4.1); an unused item makes the transaction roll back."""

    warehouse: int
    district: int
    customer: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """Input of Payment (clause 2.5.1)."""

    warehouse: int
    district: int
    buyer: Buyer
    cents: int


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """Input of Order-Status (clause 2.6.1)."""

    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Delivery:
    """Input of Delivery (clause 2.7.1)."""

    warehouse: int
    carrier: int


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Input of Stock-Level (clause 2.8.1)."""

    warehouse: int
    district: int
    threshold: int


class Inputs:
    """Generator of the inputs of one terminal.

    Args:
        home: warehouse and district of the terminal.
        warehouses: all warehouses of the run.
    """

    def __init__(
        self, home: tuple[int, int], warehouses: Sequence[int], scale: Scale, constants: Constants, random: Random
    ) -> None:
        self._home, self._district = home
        self._others = tuple(warehouse for warehouse in warehouses if warehouse != self._home)
        self._scale = scale
        self._c = constants
        self._random = random

    def new_order(self) -> NewOrder:
        """Draw an order; 1 % have an unused item at their end, 1 % of the lines are supplied by another warehouse."""
        random, scale = self._random, self._scale
        count = random.randint(5, 15)
        lines = [self._line() for _ in range(count)]
        if random.randint(1, 100) == 1:
            last = lines[-1]
            lines[-1] = Line(last.supplier, scale.items + 1, last.quantity)
        return NewOrder(self._home, random.randint(1, DISTRICTS), self._customer(), tuple(lines))

    def payment(self) -> Payment:
        """Draw a payment; 15 % are by a customer of another warehouse."""
        random = self._random
        district = random.randint(1, DISTRICTS)
        warehouse, of_district = self._home, district
        if self._others and random.randint(1, 100) > 85:
            warehouse, of_district = random.choice(self._others), random.randint(1, DISTRICTS)
        return Payment(self._home, district, self._buyer(warehouse, of_district), random.randint(100, 500_000))

    def order_status(self) -> OrderStatus:
        """Draw a customer whose last order is queried."""
        return OrderStatus(self._buyer(self._home, self._random.randint(1, DISTRICTS)))

    def delivery(self) -> Delivery:
        """Draw the carrier of a delivery."""
        return Delivery(self._home, self._random.randint(1, 10))

    def stock_level(self) -> StockLevel:
        """Draw the threshold of a stock query for the district of the terminal."""
        return StockLevel(self._home, self._district, self._random.randint(10, 20))

    def _line(self) -> Line:
        random, items = self._random, self._scale.items
        supplier = random.choice(self._others) if self._others and random.randint(1, 100) == 1 else self._home
        return Line(supplier, nurand(random, self._scale.a_of_items, 1, items, self._c.item), random.randint(1, 10))

    def _customer(self) -> int:
        return nurand(self._random, self._scale.a_of_customers, 1, self._scale.customers, self._c.customer)

    def _buyer(self, warehouse: int, district: int) -> Buyer:
        """Draw a customer, 60 % by last name."""
        if self._random.randint(1, 100) > 60:
            return Buyer(warehouse, district, self._customer())
        names, a = self._scale.last_names, self._scale.a_of_last_names
        return Buyer(warehouse, district, None, last_name(nurand(self._random, a, 0, names - 1, self._c.last_name)))
