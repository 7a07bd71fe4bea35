"""Files that expand to much more than their size: refused while little of them is in memory."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from distdiag_core.dataset.case_files import case_directory, text_file
from distdiag_core.dataset.exchange import directories, table_files
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 2**20
HEADER = b"timestamp,node,cpu\n"
# What a file may take beside what Python and pyarrow take to be loaded.
MOST_BYTES = 32 * MIB


def blocks(kind: str, mib: int) -> Iterator[bytes]:
    yield HEADER
    if kind == "one line":
        yield b"1,n1,"
        yield from (b"0" * MIB for _ in range(mib))
    elif kind == "one quote":
        yield b'1,n1,"'
        yield from (b"0\n" * (MIB // 2) for _ in range(mib))
    elif kind == "blank lines":
        yield from (b"\n" * MIB for _ in range(mib))
    elif kind == "zero bytes":
        yield from (bytes(MIB) for _ in range(mib))
    else:
        for block in range(mib):
            yield b"".join(b"%d,n1,0%s\n" % (row, b" " * 240) for row in range(block * 4096, block * 4096 + 4096))


def bomb(path: Path, kind: str, mib: int) -> Path:
    if path.suffix == ".gz":
        with gzip.open(path, "wb", 9) as out:
            out.writelines(blocks(kind, mib))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("t.csv", "w") as inside:
            inside.writelines(blocks(kind, mib))
    else:
        with pa.output_stream(path, compression="zstd") as out:
            for block in blocks(kind, mib):
                out.write(block)
    return path


@pytest.mark.parametrize("suffix", [".gz", ".zip", ".zst"])
@pytest.mark.parametrize("kind", ["one line", "one quote", "blank lines", "zero bytes"])
def test_a_row_has_a_longest_length(tmp_path: Path, suffix: str, kind: str) -> None:
    path = bomb(tmp_path / f"t.csv{suffix}", kind, 64)
    assert path.stat().st_size < MIB
    tracemalloc.start()
    with pytest.raises(DataError, match=r"has a row longer than 4 MiB|has a row of more than 10,000 lines|UTF-16"):
        list(table_files.read(path, tmp_path / "in"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_BYTES
    assert not list((tmp_path / "in").glob("*")) if (tmp_path / "in").exists() else True


@pytest.mark.parametrize("suffix", [".gz", ".zip", ".zst"])
def test_a_file_of_good_rows_expands_within_bounds(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The bound is half a gigabyte, which takes a minute to write; the rule is the same for less.
    monkeypatch.setattr(text_file, "EXPANDED_BYTES", MIB)
    monkeypatch.setattr(text_file, "EXPANDED_RATIO", 2)
    path = bomb(tmp_path / f"t.csv{suffix}", "rows", 2)
    with pytest.raises(DataError, match="expands to more than 1 MiB"):
        list(table_files.read(path, tmp_path / "in"))
    assert not list((tmp_path / "in").glob("*"))
    monkeypatch.setattr(text_file, "EXPANDED_RATIO", 10_000)
    assert list(table_files.read(path, tmp_path / "in")) == ["t"], "many times its size is allowed here"


def test_a_case_directory_has_the_same_bounds(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.mkdir()
    (path / "case.yaml").write_text("period: 1\nanomalies: []\n")
    bomb(path / "metrics.csv.gz", "one line", 64)
    with pytest.raises(DataError, match="has a row longer than 4 MiB"):
        directories.copy(path, tmp_path / "in")


@pytest.mark.parametrize("column", ["figures", "texts"])
def test_parquet_is_refused_before_it_is_expanded(tmp_path: Path, column: str) -> None:
    path, rows = tmp_path / "t.parquet", 12 * MIB
    data = {
        "timestamp": pa.array(np.zeros(rows)),
        "node": pa.array(["n" * 60 * MIB] * 8) if column == "texts" else pa.nulls(rows, pa.string()),
        "cpu": pa.array(np.zeros(rows)),
    }
    if column == "texts":
        data = {name: values[:8] for name, values in data.items()}
    pq.write_table(pa.table(data), path, compression="zstd", use_dictionary=False, row_group_size=rows)
    assert path.stat().st_size < MIB
    before = pa.total_allocated_bytes()
    with pytest.raises(DataError, match="more than 200 times its size"):
        list(table_files.read(path, tmp_path / "in"))
    assert pa.total_allocated_bytes() - before < MIB


def test_a_long_text_of_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    data = {"timestamp": [1.0, 2.0], "node": ["n" * 5 * MIB] * 2, "cpu": [1.0, 2.0]}
    pq.write_table(pa.table(data), path)
    with pytest.raises(DataError, match="column 'node' has a text that is too long"):
        list(table_files.read(path, tmp_path / "in"))


def test_the_command_stays_small(tmp_path: Path) -> None:
    """The memory of the whole process, as the system counts it."""
    path = bomb(tmp_path / "t.csv.gz", "one line", 200)
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from distdiag_core.dataset.exchange import table_files\n"
        "from distdiag_core.errors import DataError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: list(table_files.read(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "except DataError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "in")], check=True, capture_output=True, text=True
    )
    complaint, grown_kib = ended.stdout.splitlines()
    assert "has a row longer than 4 MiB" in complaint
    assert int(grown_kib) < 64 * 1024


def test_rows_of_many_nodes_at_many_times_do_not_become_a_table_of_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.mkdir()
    (path / "case.yaml").write_text("period: 1\nanomalies: []\n")
    rows = "".join(f"{1_700_000_000 + each},n{each},1,2\n" for each in range(20_000))
    (path / "metrics.csv").write_text(f"timestamp,node,a,b\n{rows}")
    with pytest.raises(DataError, match="has 20,000 rows of 20,000 nodes at 20,000 times, so that most are missing"):
        case_directory.read(path)
