"""Which items of a list are shown, in which order, and how a list says so."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from distdiag_tui.drawing.format import figure
from distdiag_tui.views import filtering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.drawing.lines import Line, Span
    from distdiag_tui.views.filtering import Field, Value

Item = TypeVar("Item")
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Order:
    """The field that a list is sorted by; without one, its items stand as they came."""

    field: str = ""
    descending: bool = False


# No slots: a frozen generic class with slots cannot be made with its parameters.
@dataclass(frozen=True)
class Arrangement(Generic[Item]):
    """The items that are shown, of how many, and why these and in this order."""

    items: tuple[Item, ...]
    total: int
    wanted: str = ""
    order: Order = Order()

    def words(self, glyphs: Glyphs) -> str:
        """For instance `2 of 100 with cpu>80 · by cpu ↓`; empty for all items as they came."""
        said = [f"{len(self.items)} of {self.total} with {self.wanted}"] if self.wanted else []
        if self.order.field:
            said.append(f"by {self.order.field} {glyphs.fall if self.order.descending else glyphs.rise}")
        return f" {glyphs.dot} ".join(said)


def arrange(items: Sequence[Item], fields: Sequence[Field[Item]], wanted: str, order: Order) -> Arrangement[Item]:
    """The items that a filter holds for, sorted; those whose value is not known come last in either direction.

    Raises:
        FilterError: `wanted` is no filter.
    """
    test = filtering.parse(wanted, fields)
    shown = tuple(item for item in items if test.holds(item))
    field = next((each for each in fields if each.name == order.field), None)
    if field is None:
        return Arrangement(shown, len(items), wanted.strip())
    known = [(_key(value), item) for item in shown if _is_known(value := field.of(item))]
    unknown = (item for item in shown if not _is_known(field.of(item)))
    known.sort(key=lambda each: each[0], reverse=order.descending)
    return Arrangement((*(item for _, item in known), *unknown), len(items), wanted.strip(), order)


def marked(header: Line, fields: Sequence[Field[Item]], order: Order, glyphs: Glyphs) -> Line:
    """The header with an arrow at the heading of the column that the list is sorted by, where it has one."""
    field = next((each for each in fields if each.name == order.field), None)
    if field is None:
        return header
    heading = re.compile(rf"(?<!\w){re.escape(field.heading or field.name)}(?!\S)")
    arrow = glyphs.fall if order.descending else glyphs.rise
    spans: list[Span] = []
    for at, (text, tone) in enumerate(header):
        found = heading.search(text)
        if found is None:
            spans.append((text, tone))
            continue
        before, after = text[: found.start()], text[found.end() :]
        # The arrow takes a blank of the heading's surroundings, so that no column moves.
        if after.startswith(" "):
            parts = (before, f"{found[0]}{arrow}", after[1:])
        elif before.endswith(" "):
            parts = (before[:-1], f"{arrow}{found[0]}", after)
        else:
            parts = (before, found[0], after)
        spans += [(parts[0], tone), (parts[1], "accent"), (parts[2], tone), *header[at + 1 :]]
        break
    return tuple(spans)


def words_of(item: Item, fields: Sequence[Field[Item]]) -> str:
    """The fields of an item that are known, for instance `node n2, cpu 99 %`."""
    named = ((field, field.of(item)) for field in fields if field.listed)
    return ", ".join(
        f"{field.name} {_shown(value, field.unit)}"
        for field, value in named
        if value is not None and _is_known(value) and value != ""
    )


def _shown(value: str | float, unit: str | None) -> str:
    if isinstance(value, str):
        return value
    # A number without a unit may be that of a session, and is never rounded.
    return figure(value, unit) if unit else f"{value:.12g}"


def _is_known(value: Value) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _key(value: Value) -> tuple[float | str | tuple[int, str], ...]:
    """Figures by their size; texts without regard to case, and with numbers in them by their size: n2 before n10."""
    if isinstance(value, str):
        # The parts at odd places are the numbers, so that only like is compared with like.
        parts = _DIGITS.split(value.casefold())
        return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))
    return (float(value if value is not None else math.nan),)
