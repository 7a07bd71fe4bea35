"""The table format of cases, in CSV and Parquet: a row for every node and tick.

case        name of the case; without the column, all rows are one case with the name of the file
timestamp   seconds; in order within a case
node
state       `normal`, the anomalies joined by `+`, or empty where it is neither; without the column, all is normal
about       the content of `case.yaml` as JSON, in the first row of a case; it takes precedence over `state`
...         every further column is a metric

Tables of other programs may call these otherwise, and have labels and an index (see `columns`, `times`, `states`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv
from distdiag_core.dataset.exchange.columns import COLUMNS
from distdiag_core.dataset.exchange.states import JOINED, NORMAL, StateColumn
from distdiag_core.dataset.exchange.times import TimeColumn
from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from distdiag_core.dataset.case import Case, Label
    from distdiag_core.dataset.exchange.columns import Columns
    from distdiag_core.dataset.exchange.notes import Notes

_UNKNOWN_FIGURES = frozenset({"", "na", "n/a", "#n/a", "<na>", "null", "none", "nil", "-", "?", "nan", "missing"})


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; `cells` are the values as text in the order of the metrics of the table, empty where unknown."""

    line: int
    case: str
    time_s: float
    node: str
    state: str
    about: str
    cells: Sequence[str]


class RowReader:
    """Reader of the rows of one table.

    Args:
        default_case: the name of the case where no column has it.
        time_unit: the unit of numbers in the column of times, where the file says it.
    """

    def __init__(
        self, columns: Columns, where: str, notes: Notes, default_case: str, time_unit: str | None = None
    ) -> None:
        self.columns = columns
        self.states = StateColumn(columns, where, notes)
        self._times = TimeColumn(columns.names[columns.time], where, notes, time_unit or columns.time_unit)
        self._where = where
        self._notes = notes
        self._default_case = default_case
        # The names in a table of ours are as they should be.
        self._text: Callable[[str], str] = str if columns.about is not None else str.strip

    def row(self, cells: Sequence[str], line: int) -> TableRow:
        """The row of these cells.

        Raises:
            DataError: a cell is malformed, or their number differs from the header.
        """
        where = f"{self._where}:{line}"
        columns = self.columns
        if len(cells) != len(columns.names):
            raise DataError(f"has {len(cells)} cells where the header has {len(columns.names)}", where=where)
        found = self._figures([cells[place] for place in columns.metric_columns], where)
        time_s = self._times.seconds(cells[columns.time], where)
        node = self._text(cells[columns.node])
        if not node.strip():
            raise DataError(f"{columns.names[columns.node]} is empty", where=where, hint="every row is of a node")
        case = self._default_case if columns.case is None else self._text(cells[columns.case])
        state = NORMAL if columns.state is None else cells[columns.state]
        about = "" if columns.about is None else cells[columns.about]
        return TableRow(line, case, time_s, node, state, about, found)

    def _figures(self, cells: list[str], where: str) -> list[str]:
        try:
            metrics_csv.numbers(cells, self.columns.metrics, where)
        except DataError:
            cells = [self._figure(cell, name) for cell, name in zip(cells, self.columns.metrics, strict=True)]
            metrics_csv.numbers(cells, self.columns.metrics, where)
        return cells

    def _figure(self, cell: str, name: str) -> str:
        word = cell.strip()
        if word.casefold() not in _UNKNOWN_FIGURES:
            return cell
        if word:
            self._notes.add(f"column {quoted(name)}: {quoted(word)} is read as unknown", self._where)
        return ""


def all_metrics(paths: Sequence[Path]) -> tuple[str, ...]:
    """The metrics of all cases, in the order of their first occurrence.

    Raises:
        DataError: one has the name of another column of a table, or a case is malformed.
    """
    names: dict[str, None] = {}
    for path in paths:
        with metrics_csv.opened(metrics_csv.file_in(path)) as source:
            if taken := [name for name in source.metrics if name in COLUMNS]:
                hint = "export it as a directory, or rename the metric"
                raise DataError(
                    f"has a metric {quoted(taken[0])}, as a column of tables is called", where=str(path), hint=hint
                )
            names.update(dict.fromkeys(source.metrics))
    return tuple(names)


def rows_of(path: Path, metrics: tuple[str, ...]) -> Iterator[list[str]]:
    """The rows of a case in the order of time, each in the order of `COLUMNS` and `metrics`.

    Raises:
        DataError: the case is malformed.
    """
    case = case_directory.read(path)
    place = {name: index for index, name in enumerate(case.window.metrics)}
    columns = [place.get(name) for name in metrics]
    about = json.dumps(case_yaml.plain(case), ensure_ascii=False)
    states = _States(case)
    for tick, time_s in enumerate(case.window.times_s.tolist()):
        for index, node in enumerate(case.window.nodes):
            known = case.window.values[index, :, tick]
            cells = ["" if column is None else metrics_csv.cell_of(known[column]) for column in columns]
            yield [path.name, f"{time_s:.3f}", node, states.at(node, time_s), about, *cells]
            about = ""


class _States:
    """The states of the rows of a case, asked in the order of time."""

    def __init__(self, case: Case) -> None:
        self._normal = case.normal
        self._coming = sorted(case.labels, key=lambda label: label.start_s, reverse=True)
        self._active: list[Label] = []

    def at(self, node: str, time_s: float) -> str:
        """The state of a node at a time."""
        while self._coming and self._coming[-1].start_s <= time_s:
            self._active.append(self._coming.pop())
        self._active = [label for label in self._active if label.end_s >= time_s]
        if active := [label.anomaly for label in self._active if label.node == node]:
            return JOINED.join(active)
        if self._normal and not any(start_s <= time_s <= end_s for start_s, end_s in self._normal):
            return ""
        return NORMAL
