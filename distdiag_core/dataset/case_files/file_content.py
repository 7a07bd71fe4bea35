"""Recognition of a file by its first bytes; names and extensions are not asked."""

from __future__ import annotations

from distdiag_core.errors import DataError

# As many bytes as recognition takes.
HEAD_BYTES = 512
READABLE = "CSV, CSV compressed with gzip, Zstandard or zip, and Parquet can be read"

TEXT, GZIP, ZSTANDARD, ZIP, PARQUET = "text", "gzip", "Zstandard", "zip", "Parquet"
_READ = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": ZSTANDARD, b"PK\x03\x04": ZIP, b"PAR1": PARQUET}
_OTHERS = {
    b"BZh": "compressed with bzip2; unpack it first",
    b"\xfd7zXZ\x00": "compressed with xz; unpack it first",
    b"\x04\x22\x4d\x18": "compressed with LZ4; unpack it first",
    b"7z\xbc\xaf\x27\x1c": "an archive of 7-Zip; unpack it first",
    b"Rar!": "an archive of RAR; unpack it first",
    b"PK\x05\x06": "an empty zip archive",
    b"PARE": "an encrypted Parquet file; export it without encryption",
    b"SQLite format 3\x00": "an SQLite database, not a table; cases are made of recordings by `distdiag cases collect`",
    b"\x89HDF": "an HDF5 file; export it as CSV or Parquet",
    b"ARROW1": "an Arrow file; export it as CSV or Parquet",
    b"FEA1": "a Feather file; export it as CSV or Parquet",
    b"ORC": "an ORC file; export it as CSV or Parquet",
    b"Obj\x01": "an Avro file; export it as CSV or Parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook; save it as CSV",
    b"%PDF": "a PDF document; export its table as CSV",
    b"\x93NUMPY": "an array of NumPy; export it as CSV or Parquet",
    b"\x80\x04\x95": "a pickle of Python; export it as CSV or Parquet",
    b"\x80\x05\x95": "a pickle of Python; export it as CSV or Parquet",
    b"\x7fELF": "a program",
}
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UTF32 = {b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32"}


def kind(head: bytes, where: str) -> str:
    """What a file is that begins with `head`: `TEXT`, `GZIP`, `ZSTANDARD`, `ZIP` or `PARQUET`.

    Raises:
        DataError: it is something else.
    """
    for begin, name in _READ.items():
        if head.startswith(begin):
            return name
    other = next((words for begin, words in _OTHERS.items() if head.startswith(begin)), None)
    if other is None and head[257:262] == b"ustar":
        other = "a tar archive; unpack it first"
    if other is None and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        other = "JSON; export it as CSV or Parquet"
    if other is None and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        other = "XML or HTML; export it as CSV or Parquet"
    if other is not None:
        raise DataError(f"is {other}", where=where, hint=READABLE)
    return TEXT


def encoding(head: bytes, where: str) -> str:
    """The encoding of a text that begins with `head`, by its byte order mark; UTF-8 without one.

    Raises:
        DataError: it is no text.
    """
    for begin, name in (_UTF32 | _UTF16).items():
        if head.startswith(begin):
            return name
    if b"\x00" in head:
        every_second = head[1::2].count(0) * 3 > len(head) or head[::2].count(0) * 3 > len(head)
        what = "seems to be UTF-16 without a byte order mark" if every_second else "is not text"
        raise DataError(what, where=where, hint=f"save it as UTF-8; {READABLE}")
    return "utf-8-sig"
