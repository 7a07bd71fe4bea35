"""Tables of cases as CSV and Parquet files, read and written row by row."""

from __future__ import annotations

import csv
import itertools
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from distdiag_core.dataset.case_files import case_directory, metrics_csv
from distdiag_core.dataset.exchange import table, table_cases
from distdiag_core.dataset.exchange.table import COLUMNS, Header, TableRow
from distdiag_core.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_CSV = (".csv", ".csv.gz")
_PARQUET = ".parquet"
# Rows of a block of Parquet.
_BLOCK = 4096


def is_table(path: Path) -> bool:
    """Whether the name of a file is that of a table of cases."""
    return path.name.endswith((*_CSV, _PARQUET))


def read(path: Path, into: Path) -> Iterator[str]:
    """Write every case of the table in `path` to the directory `into`; yields the name of each completed one.

    Raises:
        DataError: the table is malformed; with the line. The cases before it stay.
        UnsupportedError: Parquet support is not installed.
    """
    opened = _parquet_rows(path) if path.name.endswith(_PARQUET) else _csv_rows(path)
    with opened as (header, rows):
        yield from table_cases.write_cases(rows, header.metrics, into, str(path))


def write(paths: Sequence[Path], target: Path) -> Iterator[str]:
    """Write these cases as one table, whole or not at all; yields the name of each written one.

    Raises:
        DataError: a case is malformed, or the disk refused.
        UnsupportedError: Parquet support is not installed.
    """
    metrics = table.all_metrics(paths)
    if target.name.endswith(_PARQUET):
        yield from _write_parquet(paths, metrics, target)
        return
    with case_directory.replaced(target) as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow([*COLUMNS, *metrics])
        for path in paths:
            out.writerows(table.rows_of(path, metrics))
            yield path.name


@contextmanager
def _csv_rows(path: Path) -> Iterator[tuple[Header, Iterator[TableRow]]]:
    with metrics_csv.readable(path), metrics_csv.opened_text(path) as text:
        reader = csv.reader(text)
        lines = _named(reader, str(path))
        _, names = next(lines, (1, []))
        header = Header.of(names, f"{path}:1")
        yield header, (header.row(cells, line, f"{path}:{line}", _stem(path)) for line, cells in lines)


def _named(reader: Any, where: str) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv's reader has no public type
    try:
        yield from ((reader.line_num, row) for row in reader if row)
    except csv.Error as error:
        raise DataError(f"is not CSV: {error}", where=f"{where}:{reader.line_num}") from error


@contextmanager
def _parquet_rows(path: Path) -> Iterator[tuple[Header, Iterator[TableRow]]]:
    arrow, parquet = _arrow(path)
    try:
        with parquet.ParquetFile(path) as file:
            header = Header.of(file.schema_arrow.names, str(path))
            blocks = (batch.to_pydict() for batch in file.iter_batches(_BLOCK))
            found = itertools.chain.from_iterable(zip(*block.values(), strict=True) for block in blocks)
            # Rows of Parquet have no lines; they are numbered as if the header were line 1.
            yield (
                header,
                (
                    header.row([_text(value) for value in values], line, f"{path}:{line}", _stem(path))
                    for line, values in enumerate(found, start=2)
                ),
            )
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"cannot be read: {error}", where=str(path), hint="it may be half-written") from error


def _write_parquet(paths: Sequence[Path], metrics: tuple[str, ...], target: Path) -> Iterator[str]:
    arrow, parquet = _arrow(target)
    fields = [(name, arrow.float64() if name == table.TIME else arrow.string()) for name in COLUMNS]
    schema = arrow.schema([*fields, *((name, arrow.float32()) for name in metrics)])
    fresh = target.with_name(f".new-{target.name}")
    try:
        with parquet.ParquetWriter(fresh, schema) as file:
            for path in paths:
                for block in _blocks(table.rows_of(path, metrics)):
                    columns = zip(*map(_values, block), strict=True)
                    file.write_batch(arrow.record_batch([list(each) for each in columns], schema=schema))
                yield path.name
        fresh.replace(target)
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"cannot be written: {error}", where=str(target)) from error
    finally:
        fresh.unlink(missing_ok=True)


def _blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while block := list(itertools.islice(rows, _BLOCK)):
        yield block


def _values(row: list[str]) -> Iterable[str | float | None]:
    case, time, node, state, about, *cells = row
    return (case, float(time), node, state, about, *(float(cell) if cell else None for cell in cells))


def _text(value: str | float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is not equal to itself
        return ""
    return value if isinstance(value, str) else repr(value)


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _arrow(path: Path) -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UnsupportedError(
            "Parquet needs pyarrow, which is not installed",
            where=str(path),
            hint="pip install 'distdiag[parquet]', or use CSV",
        ) from error
