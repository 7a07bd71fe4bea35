"""The initial rows of the tables (clause 4.3.3.1), as SQL literals in parentheses.

All text consists of letters and digits (`random_text`), so that nothing needs quoting; quoting 500,000 rows a warehouse
would take longer than generating them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants, nurand
from distdiag_core.workloads.benchmarks.tpcc.tables.random_text import a_string, data, last_name, n_string, zip_code
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale


def now() -> str:
    """The current time as a DATETIME literal."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def items(random: Random, ids: range) -> Iterator[str]:
    """Rows of ITEM."""
    for item in ids:
        price = _cents(random.randint(100, 10_000))
        yield f"({item},{random.randint(1, 10_000)},'{a_string(random, 14, 24)}',{price},'{data(random)}')"


def warehouse(random: Random, number: int, scale: Scale) -> str:
    """The row of WAREHOUSE; W_YTD is the sum of the initial payments, 300,000.00 at full scale."""
    paid = DISTRICTS * _paid(scale)
    return f"({number},'{a_string(random, 6, 10)}',{_address(random)},{_tax(random)},{paid}.00)"


def districts(random: Random, number: int, scale: Scale) -> Iterator[str]:
    """Rows of DISTRICT of one warehouse; D_YTD is the sum of its initial payments, 30,000.00 at full scale."""
    for district in range(1, DISTRICTS + 1):
        yield (
            f"({number},{district},'{a_string(random, 6, 10)}',{_address(random)},{_tax(random)},{_paid(scale)}.00,"
            f"{scale.customers + 1})"
        )


def stock(random: Random, number: int, ids: range) -> Iterator[str]:
    """Rows of STOCK of one warehouse."""
    for item in ids:
        info = a_string(random, 24 * DISTRICTS, 24 * DISTRICTS)
        by_district = "','".join(info[start : start + 24] for start in range(0, len(info), 24))
        yield f"({number},{item},{random.randint(10, 100)},'{by_district}',0,0,0,'{data(random)}')"


def customers(random: Random, key: tuple[int, int], scale: Scale, constants: Constants) -> Iterator[str]:
    """Rows of CUSTOMER of one district; the first customers have the last names in order, so that all occur."""
    warehouse, district = key
    since = now()
    a, names = scale.a_of_last_names, scale.last_names
    for customer in range(1, scale.customers + 1):
        name = customer - 1 if customer <= names else nurand(random, a, 0, names - 1, constants.last_name)
        credit = "GC" if random.randrange(10) else "BC"
        yield (
            f"({warehouse},{district},{customer},'{a_string(random, 8, 16)}','OE','{last_name(name)}',"
            f"{_address(random)},'{n_string(random, 16)}','{since}','{credit}',50000.00,"
            f"{_ten_thousandths(random.randint(0, 5_000))},"
            f"-10.00,10.00,1,0,'{a_string(random, 300, 500)}')"
        )


def history(random: Random, key: tuple[int, int], scale: Scale) -> Iterator[str]:
    """Rows of HISTORY of one district: one payment of each customer."""
    warehouse, district = key
    date = now()
    for customer in range(1, scale.customers + 1):
        yield (
            f"({customer},{district},{warehouse},{district},{warehouse},'{date}',10.00,'{a_string(random, 12, 24)}')"
        )


def orders(random: Random, key: tuple[int, int], scale: Scale) -> Iterator[tuple[str, list[str]]]:
    """Rows of ORDER of one district, each with its rows of ORDER-LINE; the customers are a permutation."""
    warehouse, district = key
    entered = now()
    buyers = list(range(1, scale.customers + 1))
    random.shuffle(buyers)
    for order, customer in enumerate(buyers, start=1):
        delivered = order <= scale.delivered
        count = random.randint(5, 15)
        carrier = str(random.randint(1, 10)) if delivered else "NULL"
        row = f"({warehouse},{district},{order},{customer},'{entered}',{carrier},{count},1)"
        delivery = f"'{entered}'" if delivered else "NULL"
        lines = [
            f"({warehouse},{district},{order},{line},{random.randint(1, scale.items)},{warehouse},{delivery},5,"
            f"{'0.00' if delivered else _cents(random.randint(1, 999_999))},'{a_string(random, 24, 24)}')"
            for line in range(1, count + 1)
        ]
        yield row, lines


def new_orders(key: tuple[int, int], scale: Scale) -> Iterator[str]:
    """Rows of NEW-ORDER of one district: its undelivered orders."""
    warehouse, district = key
    for order in range(scale.delivered + 1, scale.customers + 1):
        yield f"({warehouse},{district},{order})"


def _paid(scale: Scale) -> int:
    """Sum of the initial payments of a district in dollars: 10.00 from each customer."""
    return 10 * scale.customers


def _address(random: Random) -> str:
    streets_and_city = "','".join(a_string(random, 10, 20) for _ in range(3))
    return f"'{streets_and_city}','{a_string(random, 2, 2)}','{zip_code(random)}'"


def _tax(random: Random) -> str:
    return _ten_thousandths(random.randint(0, 2_000))


def _cents(number: int) -> str:
    return f"{number // 100}.{number % 100:02d}"


def _ten_thousandths(number: int) -> str:
    return f"0.{number:04d}"
