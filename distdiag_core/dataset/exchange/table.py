"""The table format of cases, in CSV and Parquet: a row for every node and tick.

case        name of the case; without the column, all rows are one case with the name of the file
timestamp   seconds; in order within a case
node
state       `normal`, the anomalies joined by `+`, or empty where it is neither; without the column, all is normal
about       the content of `case.yaml` as JSON, in the first row of a case; it takes precedence over `state`
...         every further column is a metric
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from distdiag_core.dataset.case import Case

CASE, TIME, NODE, STATE, ABOUT = COLUMNS = ("case", "timestamp", "node", "state", "about")
NORMAL = "normal"
JOINED = "+"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as text; `cells` are the values in the order of the metrics of the table, empty where unknown."""

    line: int
    case: str
    time_s: float
    node: str
    state: str
    about: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table.

    Attributes:
        key_columns: positions of those `COLUMNS` that the table has.
        metrics, metric_columns: names and positions of all other columns.
    """

    key_columns: dict[str, int]
    metrics: tuple[str, ...]
    metric_columns: tuple[int, ...]

    @classmethod
    def of(cls, names: Sequence[str], where: str) -> Header:
        """The header of a table with the columns `names`.

        Raises:
            DataError: a column is missing or repeated.
        """
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise DataError(f"has the column {repeated[0]} twice", where=where)
        if missing := [name for name in (TIME, NODE) if name not in names]:
            hint = f"it has: {', '.join(names[:10])}"
            raise DataError(f"has no column {' and no column '.join(missing)}", where=where, hint=hint)
        metrics = {name: place for place, name in enumerate(names) if name not in COLUMNS}
        if not metrics:
            raise DataError("has no column with figures", where=where)
        places = {name: names.index(name) for name in COLUMNS if name in names}
        return cls(places, tuple(metrics), tuple(metrics.values()))

    def row(self, cells: Sequence[str], line: int, where: str, default_case: str) -> TableRow:
        """The row of these cells, with its numbers checked.

        Raises:
            DataError: a cell is malformed, or their number differs from the header.
        """
        width = len(self.key_columns) + len(self.metrics)
        if len(cells) != width:
            raise DataError(f"has {len(cells)} cells where the header has {width}", where=where)
        key = {name: cells[place] for name, place in self.key_columns.items()}
        found = [cells[place] for place in self.metric_columns]
        metrics_csv.numbers(found, self.metrics, where)
        time_s = metrics_csv.finite(key[TIME], TIME, where)
        case = key.get(CASE, default_case)
        return TableRow(line, case, time_s, key[NODE], key.get(STATE, NORMAL), key.get(ABOUT, ""), found)


def all_metrics(paths: Sequence[Path]) -> tuple[str, ...]:
    """The metrics of all cases, in the order of their first occurrence."""
    names: dict[str, None] = {}
    for path in paths:
        with metrics_csv.opened(metrics_csv.file_in(path)) as source:
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
    for tick, time_s in enumerate(case.window.times_s.tolist()):
        for index, node in enumerate(case.window.nodes):
            known = case.window.values[index, :, tick]
            cells = ["" if column is None else metrics_csv.cell_of(known[column]) for column in columns]
            yield [path.name, f"{time_s:.3f}", node, _state(case, node, time_s), about, *cells]
            about = ""


def _state(case: Case, node: str, time_s: float) -> str:
    active = [label.anomaly for label in case.labels if label.node == node and label.start_s <= time_s <= label.end_s]
    if active:
        return JOINED.join(active)
    if case.normal and not any(start_s <= time_s <= end_s for start_s, end_s in case.normal):
        return ""
    return NORMAL
