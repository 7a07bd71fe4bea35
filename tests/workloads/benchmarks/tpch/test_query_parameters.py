"""Substitution parameters cover the domains of clauses 2.4.1.3 to 2.4.22.3, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.tpch import query_parameters, vocabulary
from distdiag_core.workloads.benchmarks.tpch.queries import NUMBERS, for_duckdb

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.workloads.benchmarks.tpch.generated_data import GeneratedData

_NATIONS = dict(vocabulary.NATIONS)
# A parameter as DuckDB binds it.
_BOUND = re.compile(r"\$([a-z]\w*)")
_BRAND = re.compile(r"Brand#[1-5][1-5]")


def _seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a benchmark must be repeatable


def _year(value: object) -> bool:
    return isinstance(value, dt.date) and 1993 <= value.year <= 1997 and (value.month, value.day) == (1, 1)


def _month(first: dt.date, last: dt.date) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dt.date) and first <= value <= last and value.day == 1


def _brand(value: object) -> bool:
    return _BRAND.fullmatch(str(value)) is not None


def _syllables(*choices: tuple[str, ...]) -> Callable[[object], bool]:
    return lambda value: all(map(lambda word, known: word in known, str(value).strip("%").split(" "), choices))


def _among(values: object) -> Callable[[object], bool]:
    assert isinstance(values, (tuple, dict, range))
    return lambda value: value in values


_DOMAINS: dict[tuple[int, str], Callable[[object], bool]] = {
    (1, "delta"): _among(range(60, 121)),
    (2, "size"): _among(range(1, 51)),
    (2, "type"): _syllables(vocabulary.TYPE_SYLLABLES[2]),
    (2, "region"): _among(vocabulary.REGIONS),
    (3, "segment"): _among(vocabulary.SEGMENTS),
    (3, "date"): lambda value: isinstance(value, dt.date) and dt.date(1995, 3, 1) <= value <= dt.date(1995, 3, 31),
    (4, "date"): _month(dt.date(1993, 1, 1), dt.date(1997, 10, 1)),
    (5, "region"): _among(vocabulary.REGIONS),
    (5, "date"): _year,
    (6, "date"): _year,
    (6, "discount"): lambda value: Decimal("0.02") <= Decimal(str(value)) <= Decimal("0.09"),
    (6, "quantity"): _among(range(24, 26)),
    (7, "nation1"): _among(_NATIONS),
    (7, "nation2"): _among(_NATIONS),
    (8, "nation"): _among(_NATIONS),
    (8, "region"): _among(vocabulary.REGIONS),
    (8, "type"): _syllables(*vocabulary.TYPE_SYLLABLES),
    (9, "color"): lambda value: str(value).strip("%") in vocabulary.COLORS,
    (10, "date"): _month(dt.date(1993, 2, 1), dt.date(1995, 1, 1)),
    (11, "nation"): _among(_NATIONS),
    (11, "fraction"): lambda value: value == Decimal("0.001"),
    (12, "shipmode1"): _among(vocabulary.SHIP_MODES),
    (12, "shipmode2"): _among(vocabulary.SHIP_MODES),
    (12, "date"): _year,
    (13, "words"): lambda value: all(
        map(lambda word, known: word in known, str(value).strip("%").split("%"), vocabulary.COMMENT_WORDS)
    ),
    (14, "date"): _month(dt.date(1993, 1, 1), dt.date(1997, 12, 1)),
    (15, "date"): _month(dt.date(1993, 1, 1), dt.date(1997, 10, 1)),
    (16, "brand"): _brand,
    (16, "type"): _syllables(*vocabulary.TYPE_SYLLABLES[:2]),
    **{(16, f"size{number}"): _among(range(1, 51)) for number in range(1, 9)},
    (17, "brand"): _brand,
    (17, "container"): _syllables(*vocabulary.CONTAINER_SYLLABLES),
    (18, "quantity"): _among(range(312, 316)),
    (19, "quantity1"): _among(range(1, 11)),
    (19, "quantity2"): _among(range(10, 21)),
    (19, "quantity3"): _among(range(20, 31)),
    **{(19, f"brand{number}"): _brand for number in (1, 2, 3)},
    (20, "color"): lambda value: str(value).strip("%") in vocabulary.COLORS,
    (20, "date"): _year,
    (20, "nation"): _among(_NATIONS),
    (21, "nation"): _among(_NATIONS),
    **{(22, f"i{number}"): _among(vocabulary.COUNTRY_CODES) for number in range(1, 8)},
}


@given(st.integers(0, 2**64))
def test_every_parameter_is_in_its_domain(seed: int) -> None:
    drawn = query_parameters.draw_all(_seeded(seed), Decimal("0.1"))

    assert {(query, name) for query, given in drawn.items() for name in given} == set(_DOMAINS)
    wrong = {key: drawn[key[0]][key[1]] for key, fits in _DOMAINS.items() if not fits(drawn[key[0]][key[1]])}
    assert wrong == {}


@given(st.integers(0, 2**64))
def test_parameters_of_a_query_are_distinct_or_related_as_specified(seed: int) -> None:
    drawn = query_parameters.draw_all(_seeded(seed), Decimal(1))

    assert drawn[7]["nation1"] != drawn[7]["nation2"]
    assert _NATIONS[str(drawn[8]["nation"])] == drawn[8]["region"]
    assert drawn[12]["shipmode1"] != drawn[12]["shipmode2"]
    assert len({drawn[16][f"size{number}"] for number in range(1, 9)}) == 8
    assert len(set(drawn[22].values())) == 7


@given(st.integers(0, 2**64))
def test_the_same_seed_draws_the_same(seed: int) -> None:
    assert query_parameters.draw_all(_seeded(seed), Decimal(1)) == query_parameters.draw_all(_seeded(seed), Decimal(1))


@pytest.mark.parametrize(
    ("query", "name", "count"),
    [(1, "delta", 61), (3, "date", 31), (4, "date", 58), (10, "date", 24), (14, "date", 60), (18, "quantity", 4)],
)
def test_the_whole_domain_is_drawn_from(query: int, name: str, count: int) -> None:
    random = _seeded(1)
    assert len({query_parameters.draw(query, random, Decimal(1))[name] for _ in range(2_000)}) == count


@pytest.mark.parametrize("query", NUMBERS)
def test_text_and_parameters_of_a_query_have_the_same_names(query: int) -> None:
    names = set(_BOUND.findall(for_duckdb(query)))

    assert names
    assert set(query_parameters.draw(query, _seeded(1), Decimal(1))) == names
    assert set(query_parameters.of_validation(Decimal(1))[query]) == names


def test_the_words_are_those_of_the_generated_data(data: GeneratedData) -> None:
    parts = [line.split("|") for line in data.file("part").read_text(encoding="ascii").splitlines()]
    nations = [line.split("|") for line in data.file("nation").read_text(encoding="ascii").splitlines()]
    regions = [line.split("|")[1] for line in data.file("region").read_text(encoding="ascii").splitlines()]

    assert {word for part in parts for word in part[1].split(" ")} == set(vocabulary.COLORS)
    assert {part[6] for part in parts} == {
        f"{size} {kind}" for size in vocabulary.CONTAINER_SYLLABLES[0] for kind in vocabulary.CONTAINER_SYLLABLES[1]
    }
    assert [(nation[1], regions[int(nation[2])]) for nation in nations] == list(vocabulary.NATIONS)
