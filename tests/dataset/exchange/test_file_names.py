"""Files by their content, names without regard to case, and directories of tables."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from distdiag_core.dataset.case import Case
from distdiag_core.dataset.case_files import case_directory, file_content, text_file
from distdiag_core.dataset.exchange import table_directory, table_files
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = "timestamp,node,cpu\n1,n1,1\n"


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.Csv", "a.txt", "a.gz", "a", "a.parquet", "a.csv.GZ", "a.dat"])
@pytest.mark.parametrize("kind", ["text", "gzip", "parquet"])
def test_a_file_is_what_its_content_says(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    if kind == "parquet":
        pq.write_table(pa.table({"timestamp": [1], "node": ["n1"], "cpu": [1.0]}), path)
    else:
        path.write_bytes(gzip.compress(PLAIN.encode()) if kind == "gzip" else PLAIN.encode())
    (case,) = table_files.read(path, tmp_path / "in")
    assert case_directory.read(tmp_path / "in" / case).window.values.tolist() == [[[1]]]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.csv", "a"),
        ("A.CSV", "A"),
        ("a.csv.gz", "a"),
        ("a.CSV.GZ", "a"),
        ("2023.11.14.csv", "2023.11.14"),
        ("node-1.2.Parquet", "node-1.2"),
        ("a.b", "a.b"),
        ("a.csv.zst", "a"),
    ],
)
def test_the_name_of_a_case_is_that_of_its_file(tmp_path: Path, name: str, stem: str) -> None:
    (tmp_path / name).write_text(PLAIN)
    assert list(table_files.read(tmp_path / name, tmp_path / "in")) == [stem]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("o.CSV", "text"), ("o.csv.GZ", "gzip"), ("o.Csv.Gz", "gzip"), ("o.PARQUET", "Parquet"), ("o.csv", "text")],
)
def test_a_table_is_written_as_its_name_says(tmp_path: Path, name: str, kind: str) -> None:
    window = Window(np.array([1.0]), ("n1",), ("cpu",), np.ones((1, 1, 1), dtype=np.float32))
    path = case_directory.write(Case("c", window, 1.0), tmp_path / "dataset")
    assert table_files.is_target(tmp_path / name)
    assert list(table_files.write([path], tmp_path / name)) == ["c"]
    assert text_file.kind(tmp_path / name) == (kind if kind != "text" else file_content.TEXT)
    assert list(table_files.read(tmp_path / name, tmp_path / "in")) == ["c"]


@pytest.mark.parametrize("name", ["o.xlsx", "o.JSON", "o.csv.zst", "o.tsv", "o.feather"])
def test_other_files_are_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"a table is called \*.csv, \*.csv.gz or \*.parquet"):
        table_files.is_target(tmp_path / name)


def test_the_files_of_a_case_have_names_in_any_case(tmp_path: Path) -> None:
    window = Window(np.array([1.0]), ("n1",), ("cpu",), np.ones((1, 1, 1), dtype=np.float32))
    path = case_directory.write(Case("c", window, 1.0), tmp_path)
    (path / "metrics.csv.gz").rename(path / "METRICS.CSV.GZ")
    assert case_directory.read(path).window.values.tolist() == [[[1]]]


def test_no_two_tables_of_a_directory_are_called_the_same(tmp_path: Path) -> None:
    names = [
        "2023-11/14/metrics.csv", "2023-11/15/metrics.csv", "2023-12/14/metrics.csv", "a.csv", "a.CSV.gz", "A.parquet",
        "x-y/z.csv", "x/y-z.csv", "x/y/z.csv", ".hidden/b.csv", ".b.csv", "x/readme.md",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PLAIN)
    found = table_directory.tables_in(tmp_path)
    assert len(found) == len(names) - 3
    assert len({name.casefold() for name in found.values()}) == len(found)
    assert found[tmp_path / "2023-11/14/metrics.csv"] == "2023-11-14-metrics"
    for path, name in found.items():
        assert list(table_files.read(path, tmp_path / "in", name=name)) == [name]


def test_a_directory_of_cases_is_no_directory_of_tables(tmp_path: Path) -> None:
    window = Window(np.array([1.0]), ("n1",), ("cpu",), np.ones((1, 1, 1), dtype=np.float32))
    path = case_directory.write(Case("c", window, 1.0), tmp_path)
    assert table_directory.is_dataset(tmp_path)
    assert table_directory.is_dataset(path)
    shutil.rmtree(path)
    assert not table_directory.is_dataset(tmp_path)


def test_another_table_of_the_same_name_replaces_nothing(tmp_path: Path) -> None:
    for day in ("1", "2"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "metrics.csv").write_text(PLAIN.replace(",1\n", f",{day}\n"))
    assert list(table_files.read(tmp_path / "1" / "metrics.csv", tmp_path / "in")) == ["metrics"]
    with pytest.raises(DataError, match="exists already"):
        list(table_files.read(tmp_path / "2" / "metrics.csv", tmp_path / "in"))
    assert case_directory.read(tmp_path / "in" / "metrics").window.values.tolist() == [[[1]]]
    assert list(table_files.read(tmp_path / "2" / "metrics.csv", tmp_path / "in", name="day 2")) == ["day 2"]
