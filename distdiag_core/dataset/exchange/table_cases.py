"""Conversion of the rows of a table into case directories, one after the other, a row at a time."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory, case_yaml, metrics_csv, text_file
from distdiag_core.dataset.case_files.spreadsheet import safe_cell
from distdiag_core.dataset.case_files.text_file import RowWriter
from distdiag_core.dataset.exchange import states
from distdiag_core.errors import DataError, DistdiagError, quoted
from distdiag_core.metrics.frame import Window
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from distdiag_core.dataset.exchange.notes import Notes
    from distdiag_core.dataset.exchange.states import StateColumn
    from distdiag_core.dataset.exchange.table import RowReader, TableRow

# Bounds the memory for the steps between ticks, whose most frequent one is the period.
_STEPS = 1000
# Ticks are seldom so far apart: it is worth a word, because the unit may be another one.
_LONG_STEP_S = 300


def write_cases(rows: Iterable[TableRow], reader: RowReader, into: Path, where: str, notes: Notes) -> Iterator[str]:
    """Write every case of a table to `into`; yields the name of each completed one.

    Raises:
        DataError: a row is malformed or out of order, another case of the same name is there, or the disk refused; the
            cases before it stay.
    """
    remaining = iter(rows)
    row = next(remaining, None)
    if row is None:
        raise DataError("has no rows", where=where)
    done: set[str] = set()
    while row is not None:
        name = row.case
        if name in done:
            hint = "sort the table by case and timestamp"
            raise DataError(f"comes back to case {name}", where=f"{where}:{row.line}", hint=hint)
        _check_name(name, f"{where}:{row.line}")
        done.add(name)
        with case_directory.new(name, into, again=True) as scratch:
            row = _write(row, remaining, reader, scratch, _TableCaseBuilder(where, reader.states, notes))
        yield name


def _check_name(name: str, where: str) -> None:
    if not name or name.startswith(".") or "/" in name or not name.isprintable():
        raise DataError(f"{quoted(name)} cannot be the name of a case", where=where)


def _write(
    first: TableRow, rows: Iterator[TableRow], reader: RowReader, scratch: Path, builder: _TableCaseBuilder
) -> TableRow | None:
    """Write the case that `first` begins; returns the first row of the next one, None at the end of the table."""
    metrics = reader.columns.metrics
    filled = [False] * len(metrics)
    target = scratch / metrics_csv.FILES[1]
    row: TableRow | None = first
    with case_directory.written(target) as text:
        out = RowWriter(text)
        out.row([*metrics_csv.KEY_COLUMNS, *map(safe_cell, metrics)])
        while row is not None and row.case == first.case:
            builder.add(row)
            filled = [known or bool(cell) for known, cell in zip(filled, row.cells, strict=True)]
            out.row([f"{row.time_s:.3f}", safe_cell(row.node), *row.cells])
            row = next(rows, None)
    if not all(filled) and any(filled):
        _keep_columns(target, filled)
    with case_directory.written(scratch / case_directory.LABELS_FILE) as text:
        text.write(case_yaml.text_of(builder.case(first.case)))
    return row


def _keep_columns(file: Path, kept: list[bool]) -> None:
    """Remove the columns of metrics that only other cases of the table have."""
    selectors = [True, True, *kept]
    with text_file.opened(file) as old, case_directory.replaced(file) as text:
        out = RowWriter(text)
        for _, row in old.rows():
            out.row(itertools.compress(row, selectors))


class _TableCaseBuilder:
    """Builder of the labels of one case from its rows, one after the other."""

    def __init__(self, where: str, state_column: StateColumn, notes: Notes) -> None:
        self._where = where
        self._state_column = state_column
        self._notes = notes
        self._about = ""
        self._first_line = 0
        self._first_s = self._now_s = math.nan
        self._nodes_now: set[str] = set()
        self._nodes: dict[str, None] = {}
        self._steps_s: Counter[float] = Counter()
        self._active: dict[tuple[str, str], tuple[float, float]] = {}
        self._labels: list[Label] = []
        self._normal_now = True
        self._normal: list[tuple[float, float]] = []
        self._normal_since_s: tuple[float, float] | None = None
        self._has_unknown = False

    def add(self, row: TableRow) -> None:
        """Add the next row.

        Raises:
            DataError: the row goes back in time, or repeats a node.
        """
        where = f"{self._where}:{row.line}"
        if row.time_s < self._now_s:
            hint = "sort the table by case and timestamp"
            raise DataError(f"goes back in time, from {self._now_s:.15g} to {row.time_s:.15g}", where=where, hint=hint)
        if row.time_s != self._now_s:
            self._begin_tick(row)
        if row.node in self._nodes_now:
            hint = "a node has one row at a time; times are kept to the millisecond"
            raise DataError(f"has node {row.node} at {row.time_s:.15g} a second time", where=where, hint=hint)
        self._nodes_now.add(row.node)
        self._nodes[row.node] = None
        self._about = self._about or row.about
        if not self._about:
            self._add_state(row, self._state_column.anomalies(row.state, where))

    def case(self, name: str) -> Case:
        """The case without its metrics; its new anomalies are noted.

        Raises:
            DataError: its column `about` is malformed or does not fit its rows.
        """
        self._end_tick()
        window = Window(
            np.array([self._first_s, self._now_s]),
            tuple(self._nodes),
            (),
            np.empty((len(self._nodes), 0, 2), dtype=np.float32),
        )
        where = f"{self._where}:{self._first_line}"
        if self._about:
            entry = _entry(self._about, where)
            for label in entry.anomalies:
                states.check_name(label.type, where)
            return self._noted(case_yaml.case_of(entry, name, window, where))
        ended = [Label(anomaly, node, *ends) for (anomaly, node), ends in self._active.items()]
        if self._normal_since_s:
            self._normal.append(self._normal_since_s)
        step_s = self._steps_s.most_common(1)[0][0] if self._steps_s else 1.0
        normal = tuple(self._normal) if self._has_unknown else ()
        source = self._where.rpartition("/")[2]
        return self._noted(Case(name, window, step_s, (*self._labels, *ended), normal, name, source))

    def _noted(self, case: Case) -> Case:
        states.note_new((label.anomaly for label in case.labels), self._where, self._notes)
        if case.period_s >= _LONG_STEP_S:
            self._notes.add(f"a tick each {case.period_s:,g} s: its times are taken for seconds", self._where)
        return case

    def _begin_tick(self, row: TableRow) -> None:
        if math.isnan(self._now_s):
            self._first_s, self._first_line = row.time_s, row.line
        else:
            self._end_tick()
            if len(self._steps_s) < _STEPS:
                self._steps_s[round(row.time_s - self._now_s, 3)] += 1
        self._now_s = row.time_s
        self._nodes_now = set()
        self._normal_now = True

    def _end_tick(self) -> None:
        if self._normal_now:
            since_s = self._normal_since_s[0] if self._normal_since_s else self._now_s
            self._normal_since_s = (since_s, self._now_s)
        elif self._normal_since_s:
            self._normal.append(self._normal_since_s)
            self._normal_since_s = None

    def _add_state(self, row: TableRow, active: tuple[str, ...] | None) -> None:
        self._normal_now &= active == ()
        self._has_unknown |= active is None
        active = active or ()
        for (anomaly, node), ends in list(self._active.items()):
            if node == row.node and anomaly not in active:
                self._labels.append(Label(anomaly, node, *ends))
                del self._active[anomaly, node]
        for anomaly in active:
            since_s, _ = self._active.get((anomaly, row.node), (row.time_s, row.time_s))
            self._active[anomaly, row.node] = (since_s, row.time_s)


def _entry(about: str, where: str) -> case_yaml.CaseEntry:
    try:
        return loader.validate(json.loads(about), case_yaml.CaseEntry, where=where)
    except (ValueError, DistdiagError) as error:
        raise DataError(f"column about is malformed: {error}", where=where) from error
