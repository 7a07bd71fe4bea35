"""Damaged copies of plain data: every key in turn, missing or with a value that nobody expects there."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath = tuple[str | int, ...]
MISSING = object()
# JSON of Python has NaN and Infinity, and whole numbers of any size.
ODD_VALUES: tuple[object, ...] = (
    MISSING,
    None,
    True,
    "",
    "x\x1b[31m\x07\n\x85\u2028y\x00",
    "../../x",
    0,
    -1,
    -(10**40),
    10**400,
    1e308,
    math.nan,
    math.inf,
    [],
    {},
    [[[{"a": None}]]],
    {"a": {"b": [1]}},
)


def keys_of(data: object, above: KeyPath = ()) -> Iterator[KeyPath]:
    """The path of every key, of lists the first item alone."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*above, key)
            yield from keys_of(value, (*above, key))
    elif isinstance(data, list) and data:
        yield (*above, 0)
        yield from keys_of(data[0], (*above, 0))


def mutations(data: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON has no narrower type
    """Damaged copies of `data`, each with what was done to it."""
    yield from ((f"all={value!r:.40}", value) for value in ODD_VALUES if value is not MISSING)
    for path in keys_of(data):
        for value in ODD_VALUES:
            changed = copy.deepcopy(data)
            *above, last = path
            owner = changed
            for part in above:
                owner = owner[part]
            if value is MISSING:
                del owner[last]
            else:
                owner[last] = copy.deepcopy(value)
            yield f"{'.'.join(map(str, path))}={'missing' if value is MISSING else f'{value!r:.40}'}", changed
