"""Tables of cases as CSV: separators and names by content, formulas of spreadsheets as text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from distdiag_core.dataset.case_files import case_directory, text_file
from distdiag_core.dataset.case_files.spreadsheet import cell_text, safe_cell
from distdiag_core.dataset.case_files.text_file import RowWriter
from distdiag_core.dataset.exchange import table
from distdiag_core.dataset.exchange.columns import COLUMNS, Columns
from distdiag_core.dataset.exchange.table import RowReader, TableRow
from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from distdiag_core.dataset.case_files.text_file import TextRows
    from distdiag_core.dataset.exchange.notes import Notes

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@contextmanager
def opened(path: Path, default_case: str, notes: Notes) -> Iterator[tuple[RowReader, Iterator[TableRow]]]:
    """A reader of the table in `path`, and its rows.

    Raises:
        DataError: the table is malformed; with the line.
    """
    with text_file.opened(path) as text:
        if text.encoding != "utf-8-sig":
            notes.add(f"is {text.encoding.upper()}; it is converted", str(path))
        rows = text.rows(_separator(text, notes))
        line, header = next(rows, (1, []))
        columns = Columns.of([cell_text(name) for name in header], f"{path}:{line}", notes)
        reader = RowReader(columns, str(path), notes, default_case)
        yield reader, _rows(rows, reader)


def write(paths: Sequence[Path], metrics: tuple[str, ...], target: Path) -> Iterator[str]:
    """Write these cases as one table; yields the name of each written one.

    Raises:
        DataError: a case is malformed, or the disk refused.
    """
    with case_directory.replaced(target) as text:
        out = RowWriter(text)
        out.row([*COLUMNS, *map(safe_cell, metrics)])
        for path in paths:
            for row in table.rows_of(path, metrics):
                case, time, node, state, about, *cells = row
                out.row([safe_cell(case), time, safe_cell(node), safe_cell(state), about, *cells])
            yield path.name


def _separator(text: TextRows, notes: Notes) -> str:
    """What separates the cells of a table, by its first line, where the names of the columns are."""
    header = text.first_line()
    if not header:
        raise DataError("is empty", where=text.where, hint="a table begins with a line that names its columns")
    declared = header.strip().casefold()
    if declared.startswith("sep=") and len(declared) == 5:
        # So a spreadsheet is told.
        next(text)
        separator = declared[-1]
    else:
        separator = "," if "," in header else max(_SEPARATORS, key=header.count)
        separator = separator if separator in header else ","
    if separator != ",":
        notes.add(f"has cells separated by {_SEPARATORS.get(separator, quoted(separator))}", text.where)
    return separator


def _rows(rows: Iterator[tuple[int, list[str]]], reader: RowReader) -> Iterator[TableRow]:
    columns = reader.columns
    texts = [each for each in (columns.case, columns.node, columns.state) if each is not None]
    for line, cells in rows:
        if len(cells) == len(columns.names):
            for place in texts:
                cells[place] = cell_text(cells[place])
        yield reader.row(cells, line)
