"""Tables of tsar, as `gather sysstat` brings them: figures of hours that have passed, a row a minute or longer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from distdiag_core.cluster.lines import lines_of

# The day comes first, as tsar of github.com/alibaba/tsar prints it since its first commit.
_STAMP = re.compile(r"\d\d/\d\d/\d\d-\d\d:\d\d(?::\d\d)?")
_SUFFIX = {"K": 1024.0, "M": 1024.0**2, "G": 1024.0**3, "T": 1024.0**4}
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)([KMGT]?)")
_GROUP = re.compile(r"-*([A-Za-z0-9_.:]+)-*")
# As it prints a cell, what it puts after each, and after each group.
_CELL, _BETWEEN_CELLS, _BETWEEN_GROUPS = 6, "  ", " "
# A day of rows a minute is 1440; a file may repeat its days.
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class TsarRow:
    """The figures of one moment, by `group.field`; what tsar does not know is missing.

    Attributes:
        time_s: seconds since the epoch.
    """

    time_s: float
    values: dict[str, float]


def parse(text: str, utc_offset_s: float = 0.0) -> tuple[TsarRow, ...]:
    """The rows of a table, the earliest first; none where the text is no table, such as an error message.

    Args:
        utc_offset_s: of the clock of the node, whose local time the stamps are.
    """
    zone = timezone(timedelta(seconds=utc_offset_s))
    groups: list[tuple[int, int, str]] = []
    names: list[str] = []
    rows: dict[float, TsarRow] = {}
    for line in lines_of(text):
        head, _, rest = line.partition(" ")
        if head == "Time" and "--" in rest:
            groups = [(each.start(), each.end(), each[1]) for each in _GROUP.finditer(line) if "-" in each[0]]
        elif head == "Time":
            names = [_named(each.start(), each.end(), each[0], groups) for each in re.finditer(r"\S+", line)][1:]
        elif _STAMP.fullmatch(head) and len(rows) < _MOST_ROWS:
            # MAX, MEAN and MIN of the trailer are no moments.
            row = _row(head, _cells(rest, names), names, zone)
            if row is not None:
                rows[row.time_s] = row
    return tuple(rows[time_s] for time_s in sorted(rows))


def _named(start: int, end: int, field: str, groups: list[tuple[int, int, str]]) -> str:
    """The field with the group whose dashes it stands below most."""
    if not groups:
        return field
    _, group = max((min(end, last) - max(start, first), name) for first, last, name in groups)
    return f"{group}.{field}"


def _cells(text: str, names: list[str]) -> list[str]:
    """The cells of a row. tsar prints nothing for what is not a number, such as the used share of no swap."""
    cells = text.split()
    if len(cells) == len(names):
        return cells
    found: list[str] = []
    at, group = 0, ""
    for name in names:
        if found and name.rpartition(".")[0] != group:
            at += len(_BETWEEN_GROUPS)
        group = name.rpartition(".")[0]
        if at >= len(text):
            return []
        cell, end = text[at : at + _CELL], text[at + _CELL : at + _CELL + len(_BETWEEN_CELLS)]
        is_there = bool(cell.strip()) and not cell.endswith(" ") and end == _BETWEEN_CELLS[: len(end)]
        found.append(cell.strip() if is_there else "")
        at += (_CELL if is_there else 0) + len(_BETWEEN_CELLS)
    # Otherwise it is of another version.
    return found if [each for each in found if each] == cells else []


def _row(stamp: str, cells: list[str], names: list[str], zone: timezone) -> TsarRow | None:
    if not names or len(cells) != len(names):
        return None
    try:
        form = "%d/%m/%y-%H:%M:%S" if stamp.count(":") == 2 else "%d/%m/%y-%H:%M"
        moment = datetime.strptime(stamp, form).replace(tzinfo=zone)
    except ValueError:
        return None
    known = ((name, _FIGURE.fullmatch(cell)) for name, cell in zip(names, cells, strict=True))
    values = {name: float(found[1]) * _SUFFIX.get(found[2], 1.0) for name, found in known if found}
    return TsarRow(moment.timestamp(), values)
