"""The substitution parameters of the 22 queries: drawn at random (clauses 2.4.1.3 to 2.4.22.3), or those of validation.

Draws depend on the seed alone, so that runs are repeatable. The domains are those of QGEN, the sequence of values is
not (clause 2.1.3.3 allows other generators whose seeds behave alike).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from distdiag_core.workloads.benchmarks.tpch import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    Value = str | int | Decimal | dt.date
    Parameters = Mapping[str, Value]

_QUERIES = 22


def draw(query: int, random: Random, scale: Decimal) -> Parameters:
    """Draw parameters of `query` uniformly from their domains; `scale` is the scale factor of the data."""
    return _fraction(scale) | _DRAWS[query](random) if query == 11 else _DRAWS[query](random)


def draw_all(random: Random, scale: Decimal) -> dict[int, Parameters]:
    """Draw parameters of all queries, in the order of their numbers."""
    return {query: draw(query, random, scale) for query in range(1, _QUERIES + 1)}


def of_validation(scale: Decimal) -> dict[int, Parameters]:
    """The validation parameters of the specification (clauses 2.4.x.4), by query."""
    return {**_VALIDATION, 11: _fraction(scale) | _VALIDATION[11]}


def _fraction(scale: Decimal) -> dict[str, Value]:
    # Of query 11: scaled so that the number of rows hardly depends on the scale factor.
    return {"fraction": Decimal("0.0001") / scale}


def _nation(random: Random) -> str:
    return random.choice(vocabulary.NATIONS)[0]


def _brand(random: Random) -> str:
    return f"Brand#{random.randint(1, 5)}{random.randint(1, 5)}"


def _words(random: Random, syllables: Sequence[Sequence[str]]) -> str:
    return " ".join(random.choice(choices) for choices in syllables)


def _year(random: Random) -> dt.date:
    """The first of January of 1993 to 1997."""
    return dt.date(random.randint(1993, 1997), 1, 1)


def _month(random: Random, first: tuple[int, int], last: tuple[int, int]) -> dt.date:
    """The first day of a month; `first` and `last` are year and month, both included."""
    months = random.randint(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1] - 1)
    return dt.date(months // 12, months % 12 + 1, 1)


def _q02(random: Random) -> dict[str, Value]:
    return {
        "size": random.randint(1, 50),
        "type": f"%{random.choice(vocabulary.TYPE_SYLLABLES[2])}",
        "region": random.choice(vocabulary.REGIONS),
    }


def _q03(random: Random) -> dict[str, Value]:
    return {"segment": random.choice(vocabulary.SEGMENTS), "date": dt.date(1995, 3, random.randint(1, 31))}


def _q06(random: Random) -> dict[str, Value]:
    return {
        "date": _year(random),
        "discount": Decimal(random.randint(2, 9)) / 100,
        "quantity": random.randint(24, 25),
    }


def _q07(random: Random) -> dict[str, Value]:
    (first, _), (second, _) = random.sample(vocabulary.NATIONS, 2)
    return {"nation1": first, "nation2": second}


def _q08(random: Random) -> dict[str, Value]:
    nation, region = random.choice(vocabulary.NATIONS)
    return {"nation": nation, "region": region, "type": _words(random, vocabulary.TYPE_SYLLABLES)}


def _q12(random: Random) -> dict[str, Value]:
    first, second = random.sample(vocabulary.SHIP_MODES, 2)
    return {"shipmode1": first, "shipmode2": second, "date": _year(random)}


def _q13(random: Random) -> dict[str, Value]:
    first, second = (random.choice(words) for words in vocabulary.COMMENT_WORDS)
    return {"words": f"%{first}%{second}%"}


def _q16(random: Random) -> dict[str, Value]:
    sizes = random.sample(range(1, 51), 8)
    return {
        "brand": _brand(random),
        "type": f"{_words(random, vocabulary.TYPE_SYLLABLES[:2])}%",
        **{f"size{number}": size for number, size in enumerate(sizes, 1)},
    }


def _q17(random: Random) -> dict[str, Value]:
    return {"brand": _brand(random), "container": _words(random, vocabulary.CONTAINER_SYLLABLES)}


def _q19(random: Random) -> dict[str, Value]:
    quantities = {f"quantity{i}": random.randint(*bounds) for i, bounds in enumerate(((1, 10), (10, 20), (20, 30)), 1)}
    return {**quantities, **{f"brand{i}": _brand(random) for i in (1, 2, 3)}}


def _q20(random: Random) -> dict[str, Value]:
    return {"color": f"{random.choice(vocabulary.COLORS)}%", "date": _year(random), "nation": _nation(random)}


def _q22(random: Random) -> dict[str, Value]:
    return {f"i{number}": code for number, code in enumerate(random.sample(vocabulary.COUNTRY_CODES, 7), 1)}


_DRAWS: Mapping[int, Callable[[Random], dict[str, Value]]] = {
    1: lambda random: {"delta": random.randint(60, 120)},
    2: _q02,
    3: _q03,
    4: lambda random: {"date": _month(random, (1993, 1), (1997, 10))},
    5: lambda random: {"region": random.choice(vocabulary.REGIONS), "date": _year(random)},
    6: _q06,
    7: _q07,
    8: _q08,
    9: lambda random: {"color": f"%{random.choice(vocabulary.COLORS)}%"},
    10: lambda random: {"date": _month(random, (1993, 2), (1995, 1))},
    11: lambda random: {"nation": _nation(random)},
    12: _q12,
    13: _q13,
    14: lambda random: {"date": _month(random, (1993, 1), (1997, 12))},
    15: lambda random: {"date": _month(random, (1993, 1), (1997, 10))},
    16: _q16,
    17: _q17,
    18: lambda random: {"quantity": random.randint(312, 315)},
    19: _q19,
    20: _q20,
    21: lambda random: {"nation": _nation(random)},
    22: _q22,
}

_VALIDATION: Mapping[int, dict[str, Value]] = {
    1: {"delta": 90},
    2: {"size": 15, "type": "%BRASS", "region": "EUROPE"},
    3: {"segment": "BUILDING", "date": dt.date(1995, 3, 15)},
    4: {"date": dt.date(1993, 7, 1)},
    5: {"region": "ASIA", "date": dt.date(1994, 1, 1)},
    6: {"date": dt.date(1994, 1, 1), "discount": Decimal("0.06"), "quantity": 24},
    7: {"nation1": "FRANCE", "nation2": "GERMANY"},
    8: {"nation": "BRAZIL", "region": "AMERICA", "type": "ECONOMY ANODIZED STEEL"},
    9: {"color": "%green%"},
    10: {"date": dt.date(1993, 10, 1)},
    11: {"nation": "GERMANY"},
    12: {"shipmode1": "MAIL", "shipmode2": "SHIP", "date": dt.date(1994, 1, 1)},
    13: {"words": "%special%requests%"},
    14: {"date": dt.date(1995, 9, 1)},
    15: {"date": dt.date(1996, 1, 1)},
    16: {
        "brand": "Brand#45",
        "type": "MEDIUM POLISHED%",
        **{f"size{number}": size for number, size in enumerate((49, 14, 23, 45, 19, 3, 36, 9), 1)},
    },
    17: {"brand": "Brand#23", "container": "MED BOX"},
    18: {"quantity": 300},
    19: {
        "quantity1": 1,
        "quantity2": 10,
        "quantity3": 20,
        "brand1": "Brand#12",
        "brand2": "Brand#23",
        "brand3": "Brand#34",
    },
    20: {"color": "forest%", "date": dt.date(1994, 1, 1), "nation": "CANADA"},
    21: {"nation": "SAUDI ARABIA"},
    22: {f"i{number}": code for number, code in enumerate(("13", "31", "23", "29", "30", "18", "17"), 1)},
}
