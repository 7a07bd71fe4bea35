"""Tables of cases as Parquet: read in blocks, texts by their dictionary, and within bounds."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from distdiag_core.dataset.case_files import text_file
from distdiag_core.dataset.exchange import arrow_files, table
from distdiag_core.dataset.exchange.columns import COLUMNS, TIME, Columns
from distdiag_core.dataset.exchange.table import RowReader, TableRow
from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from distdiag_core.dataset.exchange.notes import Notes

# Rows of a block, and cells of one, which bound its memory.
_BLOCK = 4096
_BLOCK_CELLS = 2**19
# A column of a row group is expanded in part at least; more than this only at the ratio of all files.
_COLUMN_BYTES = 64 * 2**20
# A cell with its separator, as text.
_LEAST_CELL_BYTES = 2


@contextmanager
def opened(path: Path, default_case: str, notes: Notes) -> Iterator[tuple[RowReader, Iterator[TableRow]]]:
    """A reader of the table in `path`, and its rows, numbered as if there were a header in line 1.

    Raises:
        DataError: the table is malformed.
        UnsupportedError: Parquet support is not installed.
    """
    arrow, parquet = arrow_files.modules(path)
    try:
        with parquet.ParquetFile(path) as file:
            _check_size(file.metadata, path)
            schema = file.schema_arrow
        texts = [name for name, kind in zip(schema.names, schema.types, strict=True) if _is_text(arrow.types, kind)]
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            columns = Columns.of(schema.names, str(path), notes)
            time_unit = _time_unit(arrow.types, schema.field(columns.time), str(path), notes)
            _check_types(arrow.types, schema, columns, path)
            reader = RowReader(columns, str(path), notes, default_case, time_unit)
            size = max(1, min(_BLOCK, _BLOCK_CELLS // len(schema.names)))
            yield reader, _rows(file.iter_batches(size), _Cells(arrow, str(path), notes), reader)
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"cannot be read: {error}", where=str(path), hint="it may be half-written") from error


def write(paths: Sequence[Path], metrics: tuple[str, ...], target: Path) -> Iterator[str]:
    """Write these cases as one table, whole or not at all; yields the name of each written one.

    Raises:
        DataError: a case is malformed, or the disk refused.
        UnsupportedError: Parquet support is not installed.
    """
    arrow, _ = arrow_files.modules(target)
    fields = [(name, arrow.float64() if name == TIME else arrow.string()) for name in COLUMNS]
    schema = arrow.schema([*fields, *((name, arrow.float32()) for name in metrics)])
    with arrow_files.written(target, schema) as file:
        for path in paths:
            for block in _blocks(table.rows_of(path, metrics)):
                columns = zip(*map(_values, block), strict=True)
                file.write_batch(arrow.record_batch([list(each) for each in columns], schema=schema))
            yield path.name


def _blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while block := list(itertools.islice(rows, _BLOCK)):
        yield block


def _values(row: list[str]) -> Iterable[str | float | None]:
    case, time, node, state, about, *cells = row
    return (case, float(time), node, state, about, *(float(cell) if cell else None for cell in cells))


def _check_size(metadata: Any, path: Path) -> None:  # noqa: ANN401 - pyarrow has no types
    """Refuse a file that expands to much more than its size, before anything of it is expanded."""
    size = path.stat().st_size
    expanded = metadata.num_rows * metadata.num_columns * _LEAST_CELL_BYTES
    largest = 0
    for group in range(metadata.num_row_groups):
        chunks = [metadata.row_group(group).column(place) for place in range(metadata.num_columns)]
        sizes = [max(0, chunk.total_uncompressed_size) for chunk in chunks]
        expanded = max(expanded, sum(sizes))
        largest = max(largest, *sizes)
    most = text_file.EXPANDED_RATIO * size
    if expanded > max(text_file.EXPANDED_BYTES, most) or largest > max(_COLUMN_BYTES, most):
        raise DataError(
            f"expands to {max(expanded, largest) // 2**20:,} MiB, more than {text_file.EXPANDED_RATIO} times its size",
            where=str(path),
            hint="write it with smaller row groups, or as CSV, if it is what it should be",
        )


def _is_text(types: Any, kind: Any) -> bool:  # noqa: ANN401 - pyarrow has no types
    kinds = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(each(kind) for each in kinds)


def _time_unit(types: Any, field: Any, where: str, notes: Notes) -> str | None:  # noqa: ANN401 - pyarrow has no types
    """The unit of the times where their type has one."""
    if types.is_date32(field.type):
        # Days are taken as midnights, in seconds.
        return "s"
    if types.is_date64(field.type):
        return "ms"
    if types.is_timestamp(field.type):
        if field.type.tz is None:
            notes.add(f"{quoted(field.name)} has times without a zone; they are taken for UTC", where)
        return str(field.type.unit)
    return None


def _check_types(types: Any, schema: Any, columns: Columns, path: Path) -> None:  # noqa: ANN401 - pyarrow has no types
    figures = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    for name, place in zip(columns.metrics, columns.metric_columns, strict=True):
        kind = schema.field(place).type
        inner = kind.value_type if types.is_dictionary(kind) else kind
        if not (_is_text(types, inner) or any(each(inner) for each in figures)):
            what = f"column {quoted(name)} is of the type {kind}, where a metric is a number"
            raise DataError(what, where=str(path), hint="write it as numbers, or leave it out")


class _Cells:
    """Conversion of the columns of a block to cells of text."""

    def __init__(self, arrow: Any, where: str, notes: Notes) -> None:  # noqa: ANN401 - pyarrow has no types
        self._arrow = arrow
        self._where = where
        self._notes = notes

    def of(self, name: str, column: Any, line: int) -> list[str]:  # noqa: ANN401 - pyarrow has no types
        """The cells of a column of a block that begins at `line`.

        Raises:
            DataError: one is no text.
        """
        types = self._arrow.types
        if types.is_dictionary(column.type):
            texts = [self._text(name, value, line) for value in column.dictionary.to_pylist()]
            return ["" if index is None else texts[index] for index in column.indices.to_pylist()]
        if types.is_date32(column.type):
            return ["" if days is None else str(days * 86400) for days in column.cast("int32").to_pylist()]
        if types.is_date64(column.type) or types.is_timestamp(column.type):
            return ["" if number is None else str(number) for number in column.cast("int64").to_pylist()]
        return [self._text(name, value, line) for value in column.to_pylist()]

    def _text(self, name: str, value: object, line: int) -> str:
        match value:
            case None:
                return ""
            case bytes():
                self._notes.add(f"column {quoted(name)} is binary; it is read as UTF-8 text", self._where)
                try:
                    text = value.decode().rstrip("\0")
                except UnicodeDecodeError:
                    what = f"column {quoted(name)} has bytes that are not UTF-8 text"
                    raise DataError(what, where=f"{self._where}:{line}", hint="write it as text") from None
            case bool():
                text = "true" if value else "false"
            case float():
                text = "" if value != value else str(float(value))  # noqa: PLR0124 - NaN is not equal to itself
            case _:
                text = str(value)
        if len(text) > text_file.LONGEST_ROW:
            raise DataError(f"column {quoted(name)} has a text that is too long", where=f"{self._where}:{line}")
        return text


def _rows(batches: Iterable[Any], cells: _Cells, reader: RowReader) -> Iterator[TableRow]:
    line = 2
    unused = set(range(len(reader.columns.names))) - reader.columns.used
    for batch in batches:
        columns = [
            [""] * batch.num_rows if place in unused else cells.of(name, batch.column(place), line)
            for place, name in enumerate(reader.columns.names)
        ]
        for row in zip(*columns, strict=True):
            yield reader.row(row, line)
            line += 1
