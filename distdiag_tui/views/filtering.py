"""The filter language of the lists: `zone:z1 cpu>80 !idle` holds for an item for which every term of it holds.

    term       = ["!"] ( comparison | words )
    comparison = field ( ":" | "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
    words      = text without blanks, or between double quotes

Words are looked for in all texts of an item. `:` asks for a part of a text, and takes several with commas between them;
figures are compared, with `k M G T` as they are shown, and `s`, `min`, `h` where the field is a time.
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Value: TypeAlias = "str | float | None"
Test: TypeAlias = "Callable[[Item], bool]"

_TERM = re.compile(
    r"""(?P<negated>!?)(?:(?P<name>[^\s:<>=!"]+)(?P<operator>>=|<=|!=|[:<>=]))?(?P<value>"[^"]*"?|[^\s"]*)"""
)
_FIGURE = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>[A-Za-z%/]*)\Z")
_POWERS = {"k": 1, "M": 2, "G": 3, "T": 4}
# In seconds.
_TIMES = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_ORDERS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}
_OPERATORS = (":", "=", "<", ">")
# More names than these would not fit on a line.
_NAMED = 12


# No slots: a frozen generic class with slots cannot be made with its parameters.
@dataclass(frozen=True)
class Field(Generic[Item]):
    """A column of a list, by which it is filtered and sorted.

    Attributes:
        name: in a filter.
        of: its value for an item; None where it is not known.
        unit: of a figure, the empty text for a plain number; None for a text.
        heading: of its column, where that is not its name.
        listed: whether it is named in errors and offered for sorting.
    """

    name: str
    of: Callable[[Item], Value]
    unit: str | None = None
    heading: str = ""
    listed: bool = True


class FilterError(Exception):
    """A mistake in a filter.

    Attributes:
        position: of the character where it is, from 0.
        term: where the term begins that it is in; all terms before that are right.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"character {position + 1}: {message}")
        self.position = position
        self.term = 0


@dataclass(frozen=True)
class Filter(Generic[Item]):
    """What an item must be to be shown; without tests every item is."""

    tests: tuple[Test[Item], ...] = ()

    def holds(self, item: Item) -> bool:
        """Whether all of its terms hold for an item."""
        return all(test(item) for test in self.tests)


def parse(text: str, fields: Sequence[Field[Item]]) -> Filter[Item]:
    """The filter that a text stands for.

    Raises:
        FilterError: it is none; says what is wrong, and where.
    """
    tests: list[Test[Item]] = []
    position = _skip_blanks(text, 0)
    while position < len(text):
        try:
            test, end = _term(text, position, fields)
        except FilterError as error:
            error.term = position
            raise
        tests.append(test)
        position = _skip_blanks(text, end)
    return Filter(tuple(tests))


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _term(text: str, position: int, fields: Sequence[Field[Item]]) -> tuple[Test[Item], int]:
    """The test of the term that begins at `position`, and where it ends."""
    found = _TERM.match(text, position)
    if found is None or found.end() == position:
        raise FilterError("a word or a comparison is expected", position)
    test, end = _test(found, fields), found.end()
    if end < len(text) and not text[end].isspace():
        raise FilterError("a blank is expected here", end)
    return test, end


def _test(found: re.Match[str], fields: Sequence[Field[Item]]) -> Test[Item]:
    value = found["value"]
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):
            raise FilterError("the quotation mark is not closed", found.start("value"))
        value = value[1:-1]
    if found["name"] is not None:
        test = _comparison(found, value, fields)
    elif found["value"].startswith(_OPERATORS):
        raise FilterError(f"a name is expected before {value[0]}", found.start("value"))
    elif value:
        test = _words(value, fields)
    else:
        raise FilterError("a word or a comparison is expected after !", found.end())
    return (lambda item: not test(item)) if found["negated"] else test


def _words(value: str, fields: Sequence[Field[Item]]) -> Test[Item]:
    wanted, texts = value.casefold(), [field for field in fields if field.unit is None]
    return lambda item: any(wanted in str(field.of(item) or "").casefold() for field in texts)


def _comparison(found: re.Match[str], value: str, fields: Sequence[Field[Item]]) -> Test[Item]:
    name, sign = found["name"], found["operator"]
    field = next((each for each in fields if each.name.casefold() == name.casefold()), None)
    if field is None:
        raise FilterError(_unknown(name, fields), found.start("name"))
    if not value:
        wanted = "a text" if field.unit is None else "a number"
        raise FilterError(f"{wanted} is expected after {name}{sign}", found.start("value"))
    if field.unit is None:
        if sign not in (":", "=", "!="):
            raise FilterError(f"{name} is a text, and cannot be {sign}: write {name}:{value}", found.start("operator"))
        return _text_test(field, sign, value)
    if sign == ":":
        raise FilterError(f"{name} is a figure: write {name}>{value} or {name}={value}", found.start("operator"))
    return _figure_test(field, sign, _figure(value, field.unit, found.start("value")))


def _unknown(name: str, fields: Sequence[Field[Item]]) -> str:
    names = [field.name for field in fields if field.listed]
    near = get_close_matches(name, [field.name for field in fields], n=1)
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    known = f"is {near[0]} meant?" if near else f"there are {', '.join(names[:_NAMED])}{rest}"
    return f"nothing here is called {name}; {known}"


def _text_test(field: Field[Item], sign: str, value: str) -> Test[Item]:
    wanted = [part.casefold() for part in value.split(",") if part] or [value.casefold()]

    def contains(item: Item) -> bool:
        text = str(field.of(item) or "").casefold()
        return any(part in text for part in wanted)

    def equals(item: Item) -> bool:
        return str(field.of(item) or "").casefold() in wanted

    if sign == ":":
        return contains
    return equals if sign == "=" else lambda item: not equals(item)


def _figure_test(field: Field[Item], sign: str, limit: float) -> Test[Item]:
    order = _ORDERS.get(sign)

    def compares(item: Item) -> bool:
        value = field.of(item)
        if not isinstance(value, int | float) or math.isnan(value):
            return False
        return bool(order(value, limit)) if order is not None else value != limit

    return compares


def _figure(value: str, unit: str, position: int) -> float:
    """The number that a text stands for, in the unit of its field.

    Raises:
        FilterError: it is none, or has a unit that does not belong to the field.
    """
    found = _FIGURE.match(value)
    if found is None:
        raise FilterError(f"a number is expected, not {value}", position)
    number, suffix = float(found["number"]), found["unit"]
    if suffix in ("", unit):
        return number
    if unit in _TIMES and suffix in _TIMES:
        return number * _TIMES[suffix] / _TIMES[unit]
    if unit not in _TIMES and suffix[:1] in _POWERS and suffix[1:] in ("", "B", "B/s", "/s"):
        # As figures of bytes are shown.
        step = 1024.0 if unit.startswith("bytes") else 1000.0
        return number * step ** _POWERS[suffix[0]]
    known = ", ".join(_TIMES) if unit in _TIMES else ", ".join(filter(None, [unit, *_POWERS]))
    raise FilterError(f"no unit {suffix} here; there are {known}", position + found.start("unit"))
