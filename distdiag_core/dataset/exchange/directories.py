"""Import and export of case directories: checked row by row, and copied whole or not at all."""

from __future__ import annotations

import shutil
from array import array
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv
from distdiag_core.dataset.case_files.spreadsheet import safe_cell
from distdiag_core.dataset.case_files.text_file import RowWriter
from distdiag_core.dataset.exchange import columns, states
from distdiag_core.dataset.exchange.notes import Notes
from distdiag_core.errors import DataError, quoted
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from distdiag_core.dataset.case_files.metrics_csv import Row


def copy(path: Path, into: Path, notes: Notes | None = None) -> str:
    """Copy the case in `path` to the directory `into`, which may hold the same case; return its name.

    Memory holds the times of the rows alone, 16 bytes each. New anomalies are noted.

    Raises:
        DataError: the case is malformed, `into` has another one of its name, or the disk refused.
        ConfigError: its labels are malformed.
    """
    if not case_directory.is_case(path):
        raise DataError(
            f"has no {case_directory.LABELS_FILE}", where=str(path), hint="it is no case, or was not written to its end"
        )
    entry = case_yaml.load(path / case_directory.LABELS_FILE)
    for label in entry.anomalies:
        states.check_name(label.type, str(path / case_directory.LABELS_FILE))
    with case_directory.new(path.name, into, again=True) as scratch:
        with (
            metrics_csv.opened(metrics_csv.file_in(path)) as source,
            case_directory.written(scratch / metrics_csv.FILES[1]) as text,
        ):
            _check_metrics(source.metrics, source.where)
            rows = RowWriter(text)
            rows.row([*metrics_csv.KEY_COLUMNS, *map(safe_cell, source.metrics)])
            times = _RowTimes(source.where)
            for row in source:
                times.add(row)
                rows.row([f"{row.time_s:.3f}", safe_cell(row.node), *row.cells])
        times.check()
        case_yaml.case_of(entry, path.name, times.outline(), str(path / case_directory.LABELS_FILE))
        shutil.copyfile(path / case_directory.LABELS_FILE, scratch / case_directory.LABELS_FILE)
    states.note_new((label.type for label in entry.anomalies), str(path), notes or Notes())
    return path.name


def _check_metrics(names: Iterable[str], where: str) -> None:
    """Refuse a label or an index among the metrics, which would tell a model the answer."""
    for name in names:
        if columns.is_reserved(name):
            what = f"has a column {quoted(name)}, which is a label or an index, and no metric"
            raise DataError(what, where=f"{where}:1", hint="remove the column; labels belong into case.yaml")


class _RowTimes:
    """The times and lines of the rows of every node, to find repeated rows."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._times_s: dict[str, array[float]] = {}
        self._lines: dict[str, array[int]] = {}

    def add(self, row: Row) -> None:
        """Add a row.

        Raises:
            DataError: it repeats the row before it of the node; other repeats are for `check`.
        """
        times_s = self._times_s.setdefault(row.node, array("d"))
        if times_s and times_s[-1] == row.time_s:
            raise self._repeated(row.node, row.time_s, row.line)
        times_s.append(row.time_s)
        self._lines.setdefault(row.node, array("q")).append(row.line)

    def check(self) -> None:
        """Refuse a file without rows, and a second row of a node at one time.

        Raises:
            DataError: names the line.
        """
        if not self._times_s:
            raise DataError("has no rows", where=self._where)
        for node, times in self._times_s.items():
            times_s = np.frombuffer(times, dtype=np.float64)
            order = np.argsort(times_s, kind="stable")
            again = order[1:][np.diff(times_s[order]) == 0]
            if len(again):
                place = int(again.min())
                raise self._repeated(node, times_s[place], self._lines[node][place])

    def _repeated(self, node: str, time_s: float, line: int) -> DataError:
        return DataError(f"has node {node} at {time_s:.15g} a second time", where=f"{self._where}:{line}")

    def outline(self) -> Window:
        """The nodes, and the first and the last time."""
        ends = [end for times in self._times_s.values() for end in (min(times), max(times))]
        nodes = tuple(self._times_s)
        return Window(np.array([min(ends), max(ends)]), nodes, (), np.empty((len(nodes), 0, 2), dtype=np.float32))
