"""`metrics.csv` and `metrics.csv.gz`: the metrics of a case, read row by row.

Any metrics, any number of nodes, rows in any order and missing rows are accepted.
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.case import rounded_s
from distdiag_core.dataset.case_files import text_file
from distdiag_core.dataset.case_files.spreadsheet import cell_text, safe_cell
from distdiag_core.dataset.case_files.text_file import RowWriter
from distdiag_core.errors import DataError, quoted
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import SupportsWrite
    from numpy.typing import NDArray

    from distdiag_core.dataset.case_files.text_file import TextRows
    from distdiag_core.metrics.frame import Array

FILES = ("metrics.csv", "metrics.csv.gz")
KEY_COLUMNS = ("timestamp", "node")
# Values have single precision; the largest one is written rounded up, and rounded down when it is read.
_LARGEST = float(np.finfo(np.float32).max) * (1 + 2**-25)
# The year 2100, in seconds since the epoch: what lies beyond is in another unit.
LATEST_S = 4102444800
# `1,5` has a decimal comma, `1,234` may have either; `1,234,567` and `1 234,5` have separators of thousands.
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,.'\u2019_\s]\d{3})+([.,]\d+)?")
_SECONDS = "times are in seconds since the epoch, such as 1700000000.5"


@dataclass(frozen=True, slots=True)
class Row:
    """The row of one node at one tick. Unknown values are NaN, none is infinite; `cells` is the text of its values."""

    line: int
    time_s: float
    node: str
    values: list[float]
    cells: list[str]


class MetricsReader:
    """Reader of an open metrics file, from its beginning to its end, once.

    Attributes:
        metrics: the names of the columns after the key.
    """

    def __init__(self, rows: TextRows) -> None:
        self.where = rows.where
        self._text = rows
        self._rows = rows.rows()
        header = self._header()
        self.metrics = tuple(map(cell_text, header[len(KEY_COLUMNS) :]))

    def __iter__(self) -> Iterator[Row]:
        """The rows, in the order of the file.

        Raises:
            DataError: a row is malformed; with its line.
        """
        width = len(KEY_COLUMNS) + len(self.metrics)
        for line, row in self._rows:
            where = f"{self.where}:{line}"
            if len(row) != width:
                raise DataError(f"has {len(row)} cells where the header has {width}", where=where)
            values = numbers(row[2:], self.metrics, where)
            yield Row(line, seconds(row[0], KEY_COLUMNS[0], where), cell_text(row[1]), values, row[2:])

    def ticks(self) -> Iterator[tuple[float, str]]:
        """The time and the node of every row, without checking its values; raises as iterating does."""
        for line, text in self._text.lines():
            # Quoted cells are rare, so the CSV parser is used for them alone.
            cells = next(csv.reader([text]), []) if '"' in text else text.split(",", len(KEY_COLUMNS))
            if len(cells) >= len(KEY_COLUMNS):
                yield seconds(cells[0], KEY_COLUMNS[0], f"{self.where}:{line}"), cell_text(cells[1])
            elif text.strip():
                raise DataError(f"has {len(cells)} cells", where=f"{self.where}:{line}", hint="it may be half-written")

    def _header(self) -> list[str]:
        _, header = next(self._rows, (1, []))
        if tuple(header[:2]) != KEY_COLUMNS or len(header) < 3:
            raise DataError("does not begin with timestamp,node,METRIC,...", where=f"{self.where}:1")
        if repeated := sorted({name for name in header if header.count(name) > 1}):
            raise DataError(f"has the column {repeated[0]} twice", where=f"{self.where}:1")
        return header


def file_in(path: Path) -> Path:
    """The metrics file in the case directory `path`.

    Raises:
        DataError: there is none.
    """
    file = next((path / name for name in FILES if (path / name).is_file()), None)
    if file is None and path.is_dir():
        file = next((each for each in sorted(path.iterdir()) if each.name.casefold() in FILES and each.is_file()), None)
    if file is None:
        raise DataError(f"has no {FILES[0]}", where=str(path), hint="it was not written to its end")
    return file


@contextmanager
def opened(file: Path) -> Iterator[MetricsReader]:
    """A reader of the metrics in `file`.

    Raises:
        DataError: the file cannot be read to its end.
    """
    with text_file.opened(file) as rows:
        yield MetricsReader(rows)


def read(path: Path) -> Window:
    """The metrics in the case directory `path`, shape (N, M, T); 4 bytes a value, twice that while reading.

    Raises:
        DataError: the file is missing or malformed.
    """
    with opened(file_in(path)) as reader:
        values, times, lines = array("f"), array("d"), array("q")
        node_of, places = array("i"), dict[str, int]()
        for row in reader:
            values.extend(row.values)
            times.append(row.time_s)
            lines.append(row.line)
            node_of.append(places.setdefault(row.node, len(places)))
        if not times:
            raise DataError("has no rows", where=reader.where)
        rows = _Rows(
            np.frombuffer(times, dtype=np.float64),
            np.frombuffer(node_of, dtype=np.int32),
            np.frombuffer(lines, dtype=np.int64),
            np.frombuffer(values, dtype=np.float32).reshape(len(times), len(reader.metrics)),
            tuple(places),
        )
    return _assemble(rows, reader.metrics, reader.where)


def outline(path: Path) -> Window:
    """The nodes and the times of a case without its metrics, shape (N, 0, T). Raises as `read` does."""
    with opened(file_in(path)) as reader:
        times, places = set[float](), dict[str, None]()
        for time_s, node in reader.ticks():
            times.add(time_s)
            places[node] = None
    if not times:
        raise DataError("has no rows", where=reader.where)
    return Window(np.array(sorted(times)), tuple(places), (), np.empty((len(places), 0, len(times)), dtype=np.float32))


def seconds(cell: str, column: str, where: str) -> float:
    """The time in a cell, to the millisecond.

    Raises:
        DataError: the cell has no number, or one that is no time in seconds.
    """
    try:
        value = number(cell, column, where)
    except DataError as error:
        raise DataError(error.what, where=where, hint=_SECONDS) from None
    if not abs(value) <= LATEST_S:
        raise DataError(f"{column} is {quoted(cell)}, which is no time in seconds", where=where, hint=_SECONDS)
    return rounded_s(value)


def numbers(cells: list[str], metrics: tuple[str, ...], where: str) -> list[float]:
    """The values of a row; NaN for an empty cell.

    Raises:
        DataError: a cell is not a number, or exceeds single precision.
    """
    row = "".join(cells)
    try:
        if "_" in row or not row.isascii():
            # Python takes more for a number than other programs do.
            raise ValueError  # noqa: TRY301 - the cell is looked for below
        found = [float(cell) if cell else math.nan for cell in cells]
    except ValueError:
        found = [number(cell, metric, where) if cell else math.nan for cell, metric in zip(cells, metrics, strict=True)]
    # The sum alone nearly always shows that no value is infinite.
    if not abs(sum(found)) < _LARGEST:
        for value, metric in zip(found, metrics, strict=True):
            if abs(value) > _LARGEST:
                raise DataError(
                    f"{metric} has an infinite figure", where=where, hint="leave the cell empty where it is unknown"
                )
    return found


def number(cell: str, column: str, where: str) -> float:
    """The number in a cell, NaN included.

    Raises:
        DataError: the cell has no number.
    """
    try:
        if cell.isascii() and "_" not in cell:
            return float(cell)
    except ValueError:
        pass
    raise DataError(f"{column} is {quoted(cell)}, which is not a number", where=where, hint=_number_hint(cell))


def _number_hint(cell: str) -> str:
    """What is to be done about a cell that is no number."""
    if _DECIMAL_COMMA.fullmatch(cell.strip()):
        return f"it has a decimal comma; write {cell.strip().replace(',', '.')}"
    if _THOUSANDS.fullmatch(cell.strip()):
        return "write it without separators of thousands, with a point before decimals"
    return (
        "a figure is written as 1234.5; leave it empty where it is unknown, and leave columns out that are no metrics"
    )


def write_rows(window: Window, text: SupportsWrite[str]) -> None:
    """Write the metrics of a window, row by row."""
    rows = RowWriter(text)
    rows.row([*KEY_COLUMNS, *map(safe_cell, window.metrics)])
    for tick, time_s in enumerate(window.times_s):
        for node, cells in zip(window.nodes, cells_of(window.values[:, :, tick]), strict=True):
            rows.row([f"{time_s:.3f}", safe_cell(node), *cells])


def cells_of(values: Array) -> list[list[str]]:
    """The shortest text of each value of a table that reads back the same; empty for NaN."""
    cells = values.astype(str)
    cells[np.isnan(values)] = ""
    found: list[list[str]] = cells.tolist()
    return found


def cell_of(value: np.float32) -> str:
    """The shortest text of a value that reads back the same; empty for NaN."""
    return "" if np.isnan(value) else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows in the order of the file; `node` is the index in `nodes`."""

    times_s: NDArray[np.float64]
    node: NDArray[np.int32]
    lines: NDArray[np.int64]
    values: Array
    nodes: tuple[str, ...]


def _check_size(ticks: int, rows: _Rows, where: str) -> None:
    """Refuse rows whose window is many times larger, because each is of another node at another time."""
    whole = ticks * len(rows.nodes) * rows.values.shape[1] * rows.values.itemsize
    if whole > max(text_file.EXPANDED_BYTES, text_file.EXPANDED_RATIO * rows.values.nbytes):
        shape = f"{len(rows.nodes):,} nodes at {ticks:,} times"
        what = f"has {len(rows.times_s):,} rows of {shape}, so that most are missing"
        raise DataError(what, where=where, hint="give the nodes the same times, or make a case of each stretch")


def _assemble(rows: _Rows, metrics: tuple[str, ...], where: str) -> Window:
    """The window of all rows, in the order of time and node."""
    times_s, tick = np.unique(rows.times_s, return_inverse=True)
    place = tick * len(rows.nodes) + rows.node
    if len(np.unique(place)) < len(place):
        _, first = np.unique(place, return_index=True)
        again = int(np.setdiff1d(np.arange(len(place)), first)[0])
        node, time_s = rows.nodes[rows.node[again]], rows.times_s[again]
        raise DataError(f"has node {node} at {time_s:.15g} a second time", where=f"{where}:{rows.lines[again]}")
    _check_size(len(times_s), rows, where)
    if np.array_equal(place, np.arange(len(times_s) * len(rows.nodes))):
        values = rows.values
    else:
        values = np.full((len(times_s) * len(rows.nodes), len(metrics)), np.nan, dtype=np.float32)
        values[place] = rows.values
    values = values.reshape(len(times_s), len(rows.nodes), len(metrics)).transpose(1, 2, 0)
    values.flags.writeable = False
    return Window(times_s, rows.nodes, metrics, values)
