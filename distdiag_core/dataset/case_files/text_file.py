"""Rows of cells of a text file: compression and encoding by content, memory and expanded size within bounds.

A few kilobytes can expand to gigabytes. Files are decompressed as they are read, the expanded size is counted, and a
row has a longest length, so that such a file is refused before it fills the memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
import zlib
from contextlib import contextmanager
from importlib import import_module
from typing import IO, TYPE_CHECKING, TextIO, cast

from distdiag_core.dataset.case_files import file_content
from distdiag_core.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from _typeshed import SupportsWrite

# Characters of a row with all its cells; a row of 100,000 metrics has 2 million.
LONGEST_ROW = 4 * 2**20
# Lines of a row, whose cells may have line breaks, and blank lines before it.
MOST_ROW_LINES = 10_000
# What a compressed file may expand to: this many bytes, or this multiple of its size where that is more.
EXPANDED_BYTES = 512 * 2**20
EXPANDED_RATIO = 200

_BLOCK_BYTES = 2**16
_TERMINATOR = "\r\n"


class TextRows:
    """Rows of an open text; an iterator of its lines for the CSV parser, which joins those of quoted cells."""

    def __init__(self, text: TextIO, where: str, encoding: str = "utf-8-sig") -> None:
        self.where = where
        self.encoding = encoding
        self.line = 0
        self._text = text
        self._row_chars = 0
        self._row_begin = 0
        self._first: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line.

        Raises:
            DataError: the row is too long, or is no text.
        """
        if self._first is not None:
            line, self._first = self._first, None
            return line
        line = self._text.readline(LONGEST_ROW + 1 - self._row_chars)
        if not line:
            raise StopIteration
        self.line += 1
        self._row_chars += len(line)
        if self._row_chars > LONGEST_ROW:
            raise self._too_long(f"longer than {LONGEST_ROW // 2**20} MiB")
        if self.line - self._row_begin > MOST_ROW_LINES:
            raise self._too_long(f"of more than {MOST_ROW_LINES:,} lines")
        if not line.isascii():
            self._check_encoding(line)
        return line

    def first_line(self) -> str:
        """The first of the following lines that is not blank, which stays to be read; empty at the end."""
        self._first = next((line for line in self if line.strip()), None)
        return self._first or ""

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines with their numbers, each a row; raises as iterating does."""
        for line in self:
            self._end_row()
            yield self.line, line

    def rows(self, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
        """The rows that are not empty, with the number of their last line.

        Raises:
            DataError: one is malformed.
        """
        # The bound of the parser holds for the process, and is less than the labels of a long case.
        csv.field_size_limit(LONGEST_ROW)
        parser = csv.reader(self, delimiter=delimiter)
        try:
            for row in parser:
                if row:
                    self._end_row()
                    yield self.line, row
        except csv.Error as error:
            raise DataError(f"is not CSV: {error}", where=f"{self.where}:{self.line}") from error

    def _end_row(self) -> None:
        self._row_chars = 0
        self._row_begin = self.line

    def _too_long(self, what: str) -> DataError:
        hint = "a row is a line of cells; a quote that is not closed makes one of all lines"
        return DataError(f"has a row {what}", where=f"{self.where}:{self.line}", hint=hint)

    def _check_encoding(self, line: str) -> None:
        if any("\udc80" <= each <= "\udcff" for each in line):
            byte = next(ord(each) - 0xDC00 for each in line if "\udc80" <= each <= "\udcff")
            raise DataError(
                f"is not UTF-8 text: it has the byte {byte:#04x}",
                where=f"{self.where}:{self.line}",
                hint="save it as UTF-8",
            )


class RowWriter:
    """Writer of rows of CSV, with cells that have a line break of any kind in quotes."""

    def __init__(self, text: SupportsWrite[str]) -> None:
        self._text = text
        # What the parser takes for the end of a line is put in quotes only where it is in the terminator.
        self._rows = csv.writer(self, lineterminator=_TERMINATOR)

    def write(self, line: str) -> None:
        """Write a line that the CSV writer has made."""
        self._text.write(f"{line.removesuffix(_TERMINATOR)}\n")

    def row(self, cells: Iterable[str]) -> None:
        """Write a row."""
        self._rows.writerow(cells)


@contextmanager
def opened(file: Path) -> Iterator[TextRows]:
    """The rows of `file`, decompressed and decoded.

    Raises:
        DataError: the file cannot be read to its end, or is no text.
        UnsupportedError: it is compressed with Zstandard, and pyarrow is not installed.
    """
    with readable(file), file.open("rb") as raw, _expanded(raw, file) as data:
        head = data.peek(file_content.HEAD_BYTES)[: file_content.HEAD_BYTES]
        if (inner := file_content.kind(head, str(file))) != file_content.TEXT:
            raise DataError(f"is {inner} inside a compressed file", where=str(file), hint="unpack it first")
        encoding = file_content.encoding(head, str(file))
        # Undecodable bytes are found line by line, to name the line.
        errors = "surrogateescape" if encoding == "utf-8-sig" else "strict"
        with io.TextIOWrapper(data, encoding=encoding, errors=errors, newline="") as text:
            yield TextRows(cast("TextIO", text), str(file), encoding)


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Error handling around reading `file`.

    Raises:
        DataError: the file cannot be read, decompressed or decoded.
    """
    try:
        yield
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"cannot be read: {error}", where=str(file), hint="it may be half-written") from error
    except UnicodeError as error:
        raise DataError("is not text in the encoding that its first bytes name", where=str(file)) from error


def kind(file: Path) -> str:
    """What the file is by its content, as `file_content.kind` says.

    Raises:
        DataError: it is nothing that can be read.
    """
    with readable(file), file.open("rb") as raw:
        return file_content.kind(raw.read(file_content.HEAD_BYTES), str(file))


@contextmanager
def _expanded(raw: io.BufferedReader, file: Path) -> Iterator[io.BufferedReader]:
    kind = file_content.kind(raw.peek(file_content.HEAD_BYTES)[: file_content.HEAD_BYTES], str(file))
    if kind == file_content.TEXT:
        yield raw
        return
    limit = max(EXPANDED_BYTES, EXPANDED_RATIO * os.fstat(raw.fileno()).st_size)
    with _decompressed(raw, kind, file) as stream:
        yield io.BufferedReader(_Bounded(stream, limit, str(file)), _BLOCK_BYTES)


@contextmanager
def _decompressed(raw: io.BufferedReader, kind: str, file: Path) -> Iterator[IO[bytes]]:
    if kind == file_content.GZIP:
        with gzip.GzipFile(fileobj=raw) as stream:
            yield cast("IO[bytes]", stream)
    elif kind == file_content.ZIP:
        with zipfile.ZipFile(raw) as archive, archive.open(_only_file(archive, file)) as stream:
            yield stream
    elif kind == file_content.ZSTANDARD:
        try:
            arrow = import_module("pyarrow")
        except ImportError as error:
            hint = "pip install 'distdiag[parquet]', or unpack it first"
            raise UnsupportedError(
                "Zstandard needs pyarrow, which is not installed", where=str(file), hint=hint
            ) from error
        with arrow.CompressedInputStream(arrow.PythonFile(raw, mode="r"), "zstd") as stream:
            yield stream
    else:
        raise DataError(f"is {kind} where text is wanted", where=str(file))


def _only_file(archive: zipfile.ZipFile, file: Path) -> zipfile.ZipInfo:
    """The one file of an archive."""
    inside = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")]
    if any(each.filename == "[Content_Types].xml" for each in inside):
        raise DataError("is an Excel workbook", where=str(file), hint="save it as CSV")
    if len(inside) != 1:
        raise DataError(
            f"is a zip archive of {len(inside)} files where one is wanted", where=str(file), hint="unpack it"
        )
    if inside[0].flag_bits & 1:
        raise DataError("is a zip archive with a password", where=str(file), hint="unpack it first")
    if inside[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError("is a zip archive of another compression than deflate", where=str(file), hint="unpack it first")
    return inside[0]


class _Bounded(io.RawIOBase):
    """A stream that is refused when it yields more than `limit` bytes."""

    def __init__(self, source: IO[bytes], limit: int, where: str) -> None:
        self._source = source
        self._limit = limit
        self._where = where
        self._seen = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # any writable buffer
        """Read into `buffer`.

        Raises:
            DataError: the bound is passed.
        """
        data = self._source.read(len(buffer))
        self._seen += len(data)
        if self._seen > self._limit:
            raise DataError(
                f"expands to more than {self._limit // 2**20:,} MiB, {EXPANDED_RATIO} times its size or more",
                where=self._where,
                hint="unpack it first if it is what it should be",
            )
        buffer[: len(data)] = data
        return len(data)
