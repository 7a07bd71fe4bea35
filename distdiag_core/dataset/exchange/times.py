"""Times of a table in seconds since the epoch, from numbers of any unit and from ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from distdiag_core.dataset.case import rounded_s
from distdiag_core.dataset.case_files.metrics_csv import LATEST_S
from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from distdiag_core.dataset.exchange.notes import Notes

WANTED = "a time is seconds since the epoch, such as 1700000000.5, or ISO 8601, such as 2023-11-14T22:13:20Z"

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_WORDS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
# The year 2000: what is between the years of one unit and those of the next is no time since the epoch.
_EARLIEST_S = 946684800
_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d|\d{8}T")
_ZONE_NAMES = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)
_DAY = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
# Days since 1900, from 1954 to 2119.
_SPREADSHEET_DAYS = (20000.0, 80000.0)


class TimeColumn:
    """The times of one table, all in the form of the first one.

    Args:
        unit: of the numbers, where it is known.
    """

    def __init__(self, name: str, where: str, notes: Notes, unit: str | None = None) -> None:
        self._name = name
        self._where = where
        self._notes = notes
        self._unit = unit
        self._is_unit_known = unit is not None
        self._form: str | None = None
        self._zones: set[str] = set()
        if unit not in (None, "s"):
            notes.add(f"{quoted(name)} is in {_WORDS[str(unit)]}; it is converted to seconds", where)

    def seconds(self, cell: str, where: str) -> float:
        """The time in a cell, to the millisecond.

        Raises:
            DataError: it is none, or of another form than those before.
        """
        text = cell.strip()
        number = _number(text)
        if number is not None:
            self._keep_form("numbers", text, where)
            return rounded_s(self._of_number(number, text, where))
        if _ISO.match(text):
            self._keep_form("ISO 8601", text, where)
            return rounded_s(self._of_iso(text, where))
        what = "is empty" if not text else f"is {quoted(cell)}, which is no time"
        raise DataError(f"{self._name} {what}", where=where, hint=WANTED)

    def _keep_form(self, form: str, text: str, where: str) -> None:
        if self._form not in (None, form):
            what = f"{self._name} is {quoted(text)}, where those before are {self._form}"
            raise DataError(what, where=where, hint="write all times in one form")
        self._form = form

    def _of_number(self, number: float, text: str, where: str) -> float:
        if self._is_unit_known:
            return self._in_known_unit(number, text, where)
        unit = _unit_of(number)
        if unit is None:
            raise DataError(
                f"{self._name} is {quoted(text)}, which is no time since the epoch in seconds or its thousandths, "
                "millionths or billionths",
                where=where,
                hint=WANTED,
            )
        if self._unit is None:
            self._begin(unit, number, text, where)
        if unit != self._unit:
            before = _WORDS[str(self._unit)]
            what = f"{self._name} is {quoted(text)}, in {_WORDS[unit]}, where those before are in {before}"
            raise DataError(what, where=where, hint="write all times in one unit")
        return number / PER_SECOND[unit]

    def _in_known_unit(self, number: float, text: str, where: str) -> float:
        unit = str(self._unit)
        if not abs(number) <= LATEST_S * PER_SECOND[unit]:
            raise DataError(
                f"{self._name} is {quoted(text)}, which is no time in {_WORDS[unit]}", where=where, hint=WANTED
            )
        return number / PER_SECOND[unit]

    def _begin(self, unit: str, number: float, text: str, where: str) -> None:
        days = _SPREADSHEET_DAYS[0] < number < _SPREADSHEET_DAYS[1] and not number.is_integer()
        if "date" in self._name.casefold() and (_DAY.fullmatch(text) or days):
            what = "a day" if _DAY.fullmatch(text) else "days of a spreadsheet"
            raise DataError(f"{self._name} is {quoted(text)}, which looks like {what}", where=where, hint=WANTED)
        self._unit = unit
        if unit != "s":
            self._notes.add(f"{quoted(self._name)} is in {_WORDS[unit]}; it is converted to seconds", self._where)

    def _of_iso(self, text: str, where: str) -> float:
        try:
            found = datetime.fromisoformat(_ZONE_NAMES.sub("+00:00", text).replace("/", "-"))
            zone = "" if found.tzinfo is None else found.strftime("%z")
            time_s = (found if zone else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise DataError(f"{self._name} is {quoted(text)}, which is no time", where=where, hint=WANTED) from None
        if zone not in self._zones:
            self._note_zone(zone, text, where)
        return time_s

    def _note_zone(self, zone: str, text: str, where: str) -> None:
        if self._zones and "" in (*self._zones, zone):
            with_or_without = "without a zone" if not zone else "with a zone"
            what = f"{self._name} is {quoted(text)}, {with_or_without}, unlike those before"
            raise DataError(what, where=where, hint="give every time its zone, such as +00:00")
        self._zones.add(zone)
        if not zone:
            self._notes.add(f"{quoted(self._name)} has times without a zone; they are taken for UTC", self._where)
        elif len(self._zones) > 1:
            self._notes.add(f"{quoted(self._name)} has times of several zones; each is converted to UTC", self._where)
        elif not self._unit:
            self._notes.add(f"{quoted(self._name)} is ISO 8601; it is converted to seconds", self._where)


def _number(text: str) -> float | None:
    """The number in a cell as other programs write it; None where there is none."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


def _unit_of(number: float) -> str | None:
    """The unit of a time since the epoch, by its size; small numbers are seconds since some beginning."""
    if abs(number) <= LATEST_S:
        return "s"
    for unit in ("ms", "us", "ns"):
        if _EARLIEST_S <= number / PER_SECOND[unit] <= LATEST_S:
            return unit
    return None
