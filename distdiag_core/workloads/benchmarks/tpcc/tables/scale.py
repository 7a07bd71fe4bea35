"""Cardinalities of the tables (clause 4.3.3), and the ranges A of NURand that go with them (clause 2.1.6)."""

from __future__ import annotations

from dataclasses import dataclass

from distdiag_core.errors import ConfigError

DISTRICTS = 10
_ITEMS = 100_000
_CUSTOMERS = 3_000
_LAST_NAMES = 1_000
# Clause 2.1.6 gives A for three ranges: 255 for 1,000 last names, 1,023 for 3,000 customers, 8,191 for 100,000 items.
_A_OF_LAST_NAMES, _A_OF_CUSTOMERS, _A_OF_ITEMS = 255, 1_023, 8_191


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of one warehouse.

    Attributes:
        percent: share of the items and customers of the specification; below 100 it loads fast and is not TPC-C.
    """

    percent: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 100:
            raise ConfigError(f"the scale is 1 to 100 percent, not {self.percent}", where="tpcc")

    @property
    def items(self) -> int:
        """Number of items, and of stock rows of a warehouse."""
        return _ITEMS * self.percent // 100

    @property
    def customers(self) -> int:
        """Number of customers, and of initial orders, of a district."""
        return _CUSTOMERS * self.percent // 100

    @property
    def delivered(self) -> int:
        """Number of initial orders of a district that are delivered: 2,100 of 3,000."""
        return self.customers * 7 // 10

    @property
    def last_names(self) -> int:
        """Number of last names that occur in a district."""
        return min(_LAST_NAMES, self.customers)

    @property
    def a_of_last_names(self) -> int:
        """A of NURand for last names, scaled with their number."""
        return _power_below((_A_OF_LAST_NAMES + 1) * self.last_names // _LAST_NAMES)

    @property
    def a_of_customers(self) -> int:
        """A of NURand for customers."""
        return _power_below((_A_OF_CUSTOMERS + 1) * self.percent // 100)

    @property
    def a_of_items(self) -> int:
        """A of NURand for items."""
        return _power_below((_A_OF_ITEMS + 1) * self.percent // 100)


def _power_below(number: int) -> int:
    """The largest 2^n - 1 that is below `number`."""
    return (1 << max(0, number.bit_length() - 1)) - 1
