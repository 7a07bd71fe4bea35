"""Types in words, and the places that pydantic's locations stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import pytest
from annotated_types import Ge, Gt, Le, Lt, MinLen

from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader
from distdiag_core.settings.allowed_values import Words, expected, shown
from distdiag_core.settings.model import Port, Seconds


@dataclass(frozen=True, slots=True)
class Blade:
    """A part."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    length_mm: int
    teeth: int = 0


@dataclass(frozen=True, slots=True)
class Saw:
    """What is read."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    blades: dict[str, Blade]
    speed: Literal["slow"] | int = "slow"
    spare: Blade | None = None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (bool, "true or false"),
        (int, "a whole number"),
        (str | None, "a text"),
        (Annotated[int, Ge(1)] | None, "a whole number, 1 or more"),
        (Annotated[float, Gt(0), Le(300)], "a number, more than 0, at most 300"),
        (Annotated[float, Ge(0.5), Le(2)], "a number, 0.5 to 2"),
        (Annotated[int, Lt(7)], "a whole number, less than 7"),
        (Annotated[Seconds, Ge(0)], "a number of seconds, 0 or more"),
        (Port, "a port, 1 to 65535"),
        (Annotated[str, Words("a colour")], "a colour"),
        (Literal["low", "high"], "one of low, high"),
        (tuple[str, ...], "a list, each a text"),
        (Annotated[list[int], MinLen(2)], "a list with 2 or more items, each a whole number"),
        (Blade, "a section with keys such as length_mm, teeth"),
        (dict[str, int], "a section of keys and values"),
        (int | tuple[int, ...], "a whole number or a list, each a whole number"),
    ],
)
def test_types_in_words(kind: object, words: str) -> None:
    assert expected(kind) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        ("a'b", '"a\'b"'),
        ({"a": 1}, "a section"),
        ([], "an empty list"),
        ([[[]]], "a list"),
    ],
)
def test_values_in_words(value: object, words: str) -> None:
    assert shown(value) == words


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("blades: {a: {length_mm: x}}", ":1: blades.a.length_mm: must be a whole number, not 'x'"),
        ("blades: {a: {length_mm: 1, tooth: 2}}", ":1: blades.a.tooth: unknown key; is teeth meant?"),
        ("blades: {1: {length_mm: 1}}", ":1: blades.1: must be a text, not 1; put it in quotes"),
        ("blades: {}\nspeed: [1]", ":2: speed: must be one of slow or a whole number, not a list"),
        ("blades: {}\nspare: 5", ":2: spare: must be a section with keys such as length_mm, teeth, not 5"),
        ("blades: {}\nspare: {}", ":2: spare.length_mm: is required but missing"),
    ],
)
def test_a_problem_has_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loader.parse(text, Saw, where="saw.yaml")
    assert str(caught.value) == f"saw.yaml{problem}"


def test_an_empty_section_is_the_same_as_none() -> None:
    assert loader.parse("blades: {}\nspare:", Saw, where="x") == Saw({})
