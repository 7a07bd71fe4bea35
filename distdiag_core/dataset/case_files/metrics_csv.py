"""`metrics.csv` and `metrics.csv.gz`: the figures of a case, read row by row and never as a whole text.

Nothing is taken for granted but the format itself: any metrics, any number of nodes, rows in any order, missing rows.
"""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import numpy as np

from distdiag_core.errors import DataError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import SupportsWrite
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

FILES = ("metrics.csv", "metrics.csv.gz")
KEY_COLUMNS = ("timestamp", "node")
# Figures are kept with single precision; the largest one is written rounded up, and is read again by rounding.
_LARGEST = float(np.finfo(np.float32).max) * (1 + 2**-25)


@dataclass(frozen=True, slots=True)
class Row:
    """One node at one tick; a figure is NaN where it is unknown, and never infinite. `cells` is how it is written."""

    line: int
    time_s: float
    node: str
    figures: list[float]
    cells: list[str]


class Figures:
    """The file at `path`, opened for reading from its beginning to its end, once.

    Attributes:
        metrics: the columns.
    """

    def __init__(self, text: TextIO, where: str) -> None:
        self.where = where
        self._text = text
        self._rows = csv.reader(text)
        header = self._header()
        self.metrics = tuple(header[len(KEY_COLUMNS) :])

    def __iter__(self) -> Iterator[Row]:
        """Every row.

        Raises:
            DataError: one is malformed; with its line.
        """
        width = len(KEY_COLUMNS) + len(self.metrics)
        for line, row in self._lines():
            where = f"{self.where}:{line}"
            if len(row) != width:
                raise DataError(f"has {len(row)} cells where the header has {width}", where=where)
            yield Row(line, finite(row[0], KEY_COLUMNS[0], where), row[1], numbers(row[2:], self.metrics, where), row)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """The time and the node of every row, without looking at its figures; raises as they do."""
        for line, text in enumerate(self._text, start=self._rows.line_num + 1):
            # Cells in quotes are rare, and so are lines that only CSV's own rules take apart.
            cells = next(csv.reader([text]), []) if '"' in text else text.split(",", len(KEY_COLUMNS))
            if len(cells) >= len(KEY_COLUMNS):
                yield finite(cells[0], KEY_COLUMNS[0], f"{self.where}:{line}"), cells[1]
            elif text.strip():
                raise DataError(f"has {len(cells)} cells", where=f"{self.where}:{line}", hint="it may be half-written")

    def _header(self) -> list[str]:
        _, header = next(self._lines(), (1, []))
        if tuple(header[:2]) != KEY_COLUMNS or len(header) < 3:
            raise DataError("does not begin with timestamp,node,METRIC,...", where=f"{self.where}:1")
        if repeated := sorted({name for name in header if header.count(name) > 1}):
            raise DataError(f"has the column {repeated[0]} twice", where=f"{self.where}:1")
        return header

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        try:
            yield from ((self._rows.line_num, row) for row in self._rows if row)
        except csv.Error as error:
            raise DataError(f"is not CSV: {error}", where=f"{self.where}:{self._rows.line_num}") from error


def file_in(path: Path) -> Path:
    """The file of figures in the case directory `path`.

    Raises:
        DataError: there is none.
    """
    file = next((path / name for name in FILES if (path / name).is_file()), None)
    if file is None:
        raise DataError(f"has no {FILES[0]}", where=str(path), hint="it was not written to its end")
    return file


@contextmanager
def opened(file: Path) -> Iterator[Figures]:
    """The figures in `file`.

    Raises:
        DataError: they cannot be read to their end.
    """
    with readable(file), opened_text(file) as text:
        yield Figures(text, str(file))


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """The body reads `file`; what goes wrong is named."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read: {error}", where=str(file), hint="it may be half-written") from error
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text", where=str(file)) from error


def opened_text(file: Path) -> TextIO:
    """The text in `file`, which may be compressed."""
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def read(path: Path) -> Window:
    """All figures in the case directory `path`; takes 4 bytes a figure, and about as much again while reading.

    Raises:
        DataError: they are missing or malformed.
    """
    with opened(file_in(path)) as figures:
        values, times, lines = array("f"), array("d"), array("q")
        node_of, places = array("i"), dict[str, int]()
        for row in figures:
            values.extend(row.figures)
            times.append(row.time_s)
            lines.append(row.line)
            node_of.append(places.setdefault(row.node, len(places)))
        if not times:
            raise DataError("has no rows", where=figures.where)
        rows = _Read(
            np.frombuffer(times, dtype=np.float64),
            np.frombuffer(node_of, dtype=np.int32),
            np.frombuffer(lines, dtype=np.int64),
            np.frombuffer(values, dtype=np.float32).reshape(len(times), len(figures.metrics)),
            tuple(places),
        )
    return _assemble(rows, figures.metrics, figures.where)


def outline(path: Path) -> Window:
    """Like `read`, with the nodes and the times alone: shape (N, 0, T)."""
    with opened(file_in(path)) as figures:
        times, places = set[float](), dict[str, None]()
        for time_s, node in figures.ticks():
            times.add(time_s)
            places[node] = None
    if not times:
        raise DataError("has no rows", where=figures.where)
    return Window(np.array(sorted(times)), tuple(places), (), np.empty((len(places), 0, len(times)), dtype=np.float32))


def finite(cell: str, column: str, where: str) -> float:
    """The number in a cell.

    Raises:
        DataError: it is none, or is infinite.
    """
    value = number(cell, column, where)
    if not math.isfinite(value):
        raise DataError(f"{column} is {cell!r}, which is no time", where=where)
    return value


def numbers(cells: list[str], metrics: tuple[str, ...], where: str) -> list[float]:
    """The figures of a row; an empty cell is unknown.

    Raises:
        DataError: a cell is not a number, or is more than a figure can be.
    """
    try:
        found = [float(cell) if cell else math.nan for cell in cells]
    except ValueError:
        found = [number(cell, metric, where) if cell else math.nan for cell, metric in zip(cells, metrics, strict=True)]
    # Almost always the sum alone tells that all is well.
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
        DataError: it is none.
    """
    try:
        return float(cell)
    except ValueError:
        raise DataError(f"{column} is {cell!r}, which is not a number", where=where) from None


def write_rows(window: Window, text: SupportsWrite[str]) -> None:
    """Write the figures of a window, row by row."""
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*KEY_COLUMNS, *window.metrics])
    for tick, time_s in enumerate(window.times_s):
        for place, node in enumerate(window.nodes):
            rows.writerow([f"{time_s:.3f}", node, *map(cell_of, window.values[place, :, tick])])


def cell_of(figure: np.float32) -> str:
    """How a figure is written: as short as possible without losing anything."""
    return "" if np.isnan(figure) else str(figure)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Rows as they came; `node` is the index in `nodes`."""

    times_s: NDArray[np.float64]
    node: NDArray[np.int32]
    lines: NDArray[np.int64]
    values: Array
    nodes: tuple[str, ...]


def _assemble(rows: _Read, metrics: tuple[str, ...], where: str) -> Window:
    """Rows put in the order of time and node."""
    times_s, tick = np.unique(rows.times_s, return_inverse=True)
    place = tick * len(rows.nodes) + rows.node
    if len(np.unique(place)) < len(place):
        _, first = np.unique(place, return_index=True)
        again = int(np.setdiff1d(np.arange(len(place)), first)[0])
        node, time_s = rows.nodes[rows.node[again]], rows.times_s[again]
        raise DataError(f"has node {node} at {time_s:.15g} a second time", where=f"{where}:{rows.lines[again]}")
    if np.array_equal(place, np.arange(len(times_s) * len(rows.nodes))):
        values = rows.values
    else:
        values = np.full((len(times_s) * len(rows.nodes), len(metrics)), np.nan, dtype=np.float32)
        values[place] = rows.values
    values = values.reshape(len(times_s), len(rows.nodes), len(metrics)).transpose(1, 2, 0)
    values.flags.writeable = False
    return Window(times_s, rows.nodes, metrics, values)
