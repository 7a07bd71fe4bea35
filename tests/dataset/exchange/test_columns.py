"""Columns, cells and texts of tables of other programs."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dataset.exchange.conftest import Imported

    Import = Callable[[str | bytes | Path], Imported]

PLAIN = "timestamp,node,cpu,io\n1,n1,1.5,2\n2,n1,3,\n"


def brief(value: str | bytes) -> str:
    """The name of a parameter; compressed bytes are others every second."""
    return value[:40] if isinstance(value, str) else "bytes"


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (PLAIN, "every row is taken for normal"),
        ("\ufeff" + PLAIN, ""),
        (PLAIN.replace("\n", "\r\n"), ""),
        (PLAIN.replace("\n", "\r"), ""),
        (f"\n\n{PLAIN}\n\n", ""),
        (PLAIN.replace(",", ";"), "cells separated by semicolons"),
        (PLAIN.replace(",", "\t"), "cells separated by tabs"),
        (PLAIN.replace(",", "|"), "cells separated by vertical bars"),
        (f"sep=;\n{PLAIN.replace(',', ';')}", "cells separated by semicolons"),
        (PLAIN.replace(",", ", "), ""),
        (PLAIN.replace("node", "Host"), "column 'Host' is taken for node"),
        (PLAIN.replace("n1", " n1 "), ""),
        (PLAIN.encode("utf-16"), "is UTF-16; it is converted"),
        (PLAIN.encode("utf-32"), "is UTF-32; it is converted"),
        (gzip.compress(PLAIN.encode()), ""),
        (gzip.compress(PLAIN.encode("utf-16")), "is UTF-16"),
        (zipped(**{"day/data.csv": PLAIN}), ""),
        (PLAIN.replace("2,n1,3,", "2,n1,3,N/A"), "column 'io': 'N/A' is read as unknown"),
        (PLAIN.replace("2,n1,3,", "2,n1,3,NULL"), "column 'io': 'NULL' is read as unknown"),
        (PLAIN.replace("2,n1,3,", "2,n1,3,  "), ""),
        (PLAIN.replace("2,n1,3,", "2,n1,3,nan"), ""),
        (
            PLAIN.replace("timestamp", ",timestamp").replace("\n1", "\n0,1").replace("\n2", "\n1,2"),
            "column 1, without a name",
        ),
        (
            PLAIN.replace("timestamp", "Unnamed: 0,timestamp").replace("\n1", "\n0,1").replace("\n2", "\n1,2"),
            "'Unnamed: 0' is",
        ),
        (
            PLAIN.replace("timestamp", "index,timestamp").replace("\n1", "\nx,1").replace("\n2", "\ny,2"),
            "'index' is an index",
        ),
        (PLAIN.replace("\n", ",\n"), "column 5, without a name, is an index and is left out"),
        (PLAIN.replace("\n", ",,\n"), "column 6, without a name, is an index and is left out"),
    ],
    ids=brief,
)
def test_one_table_in_every_form(imported: Import, content: str | bytes, word: str) -> None:
    found = imported(content)
    assert found.case.window.metrics == ("cpu", "io")
    assert found.case.window.nodes == ("n1",)
    assert np.array_equal(
        found.case.window.values, np.array([[[1.5, 3], [2, np.nan]]], dtype=np.float32), equal_nan=True
    )
    assert word in found.notes


def test_zstandard_is_read(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "t.csv.zst"
    with pa.output_stream(path, compression="zstd") as out:
        out.write(PLAIN.encode())
    assert imported(path).case.window.metrics == ("cpu", "io")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "t.csv: is empty; a table begins with a line that names its columns"),
        ("\n \n", "t.csv: is empty"),
        ("timestamp,node,cpu\n", "t.csv: has no rows"),
        ("1700000000,n1,0.5\n1700000001,n1,0.5\n", "the first line has to name the columns"),
        ("timestamp,node,cpu,cpu\n1,n1,2,2\n", "t.csv:1: has the column cpu twice"),
        ("timestamp,node,cpu, cpu\n1,n1,2,2\n", "t.csv:1: has the column cpu twice"),
        ("timestamp,node,cpu\n1,n1\n", "t.csv:2: has 2 cells where the header has 3"),
        ("timestamp,node,cpu\n1,n1,2\n2,n1,2,9\n", "t.csv:3: has 4 cells where the header has 3"),
        ("timestamp,node,cpu\n1,,2\n", "t.csv:2: node is empty"),
        (
            "timestamp;node;cpu\n1;n1;2,5\n",
            "t.csv:2: cpu is '2,5', which is not a number; it has a decimal comma; write 2.5",
        ),
        ('timestamp,node,cpu\n1,n1,"1,234,567"\n', "write it without separators of thousands"),
        ('timestamp,node,cpu\n1,n1,"1,234.5"\n', "write it without separators of thousands"),
        ("timestamp,node,cpu\n1,n1,1 234.5\n", "write it without separators of thousands"),
        ("timestamp,node,cpu\n1,n1,1_234\n", "t.csv:2: cpu is '1_234', which is not a number"),
        ("timestamp,node,cpu\n1,n1,\u0661\u0662\n", "which is not a number"),
        ("timestamp,node,cpu\n1,n1,12%\n", "a figure is written as 1234.5"),
        ("timestamp,node,cpu\n1,n1,#DIV/0!\n", "which is not a number"),
        ("timestamp,node,cpu\n1,n1,Infinity\n", "cpu has an infinite figure; leave the cell empty"),
        ("timestamp,node,region,cpu\n1,n1,east,1\n", "leave columns out that are no metrics"),
        ("timestamp,node,leader,cpu\n1,n1,True,1\n", "t.csv:2: leader is 'True', which is not a number"),
        (
            b"timestamp,node,cpu\n1,n1,2\n2,n\xfc,2\n",
            "t.csv:3: is not UTF-8 text: it has the byte 0xfc; save it as UTF-8",
        ),
        ("timestamp,node,cpu\n1,n1,2\n".encode("utf-16-le"), "seems to be UTF-16 without a byte order mark"),
        (b"\x00\x01\x02\x03", "is not text"),
        (b"SQLite format 3\x00 more", "is an SQLite database"),
        (b"BZh91AY", "is compressed with bzip2; unpack it first"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook; save it as CSV"),
        (b'{"timestamp": 1}', "is JSON; export it as CSV or Parquet"),
        (zipped(a="x", b="y"), "is a zip archive of 2 files where one is wanted"),
        (zipped(**{"[Content_Types].xml": "x", "sheet": "y"}), "is an Excel workbook"),
        (gzip.compress(gzip.compress(PLAIN.encode())), "is gzip inside a compressed file; unpack it first"),
        (gzip.compress(PLAIN.encode())[:-9], "cannot be read"),
        (b"PK\x03\x04 no archive", "cannot be read"),
        (b"PAR1 no table", "cannot be read"),
    ],
    ids=brief,
)
def test_what_cannot_be_read_is_refused(imported: Import, content: str | bytes, complaint: str) -> None:
    with pytest.raises(DataError) as error:
        imported(content)
    assert complaint in str(error.value)


def test_texts_of_parquet_may_be_binary(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    names = pa.array([b"n1", "n\u00fc".encode()], pa.binary())
    states = pa.array([None, b"cpu_stress"], pa.binary())
    index = pa.array([0, 1])
    pq.write_table(
        pa.table({"timestamp": [1, 2], "node": names, "label": states, "cpu": [1.5, None], "__index_level_0__": index}),
        path,
    )
    found = imported(path)
    assert found.case.window.nodes == ("n1", "n\u00fc")
    assert [(label.anomaly, label.node) for label in found.case.labels] == [("cpu_stress", "n\u00fc")]
    assert found.case.window.metrics == ("cpu",)
    assert "column 'node' is binary; it is read as UTF-8 text" in found.notes
    assert "column '__index_level_0__' is an index and is left out" in found.notes


def test_labels_of_parquet_may_be_booleans(imported: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"ts": [1, 2], "host": ["a", "a"], "is_anomaly": [False, True], "cpu": [1, 2]}), path)
    assert [label.anomaly for label in imported(path).case.labels] == ["anomaly"]


@pytest.mark.parametrize(
    ("column", "complaint"),
    [
        (pa.array([[1, 2]]), "column 'cpu' is of the type list"),
        (pa.array([True]), "column 'cpu' is of the type bool, where a metric is a number"),
        (pa.array([dt.datetime(2023, 11, 14, tzinfo=dt.UTC)]), "column 'cpu' is of the type timestamp"),
        (pa.array([b"\xff"]), "column 'cpu' has bytes that are not UTF-8 text"),
        (pa.array(["fast"]), "p.parquet:2: cpu is 'fast', which is not a number"),
    ],
)
def test_metrics_of_parquet_are_numbers(imported: Import, tmp_path: Path, column: pa.Array, complaint: str) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"timestamp": [1], "node": ["n1"], "cpu": column}), path)
    with pytest.raises(DataError) as error:
        imported(path)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    "kind", [pa.float16(), pa.float32(), pa.int8(), pa.uint64(), pa.decimal128(30, 2), pa.string()]
)
def test_numbers_of_parquet_have_any_type(imported: Import, tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"timestamp": [1], "node": ["n1"], "cpu": pa.array([2]).cast(kind)}), path)
    assert imported(path).case.window.values.tolist() == [[[2]]]
