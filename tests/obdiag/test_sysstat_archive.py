"""Archives of `gather sysstat` with tables as tsar prints them, made by ourselves."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.obdiag import sysstat_archive, tsar_table
from distdiag_core.obdiag.sysstat_archive import TABLES, address_of, read

if TYPE_CHECKING:
    from pathlib import Path

CPU = """\
Time           -----------------------cpu----------------------
Time             user     sys    wait    hirq    sirq    util
11/30/26-09:00   1.20    0.50    0.10    0.00    0.05    1.85
11/30/26-09:01  41.00    9.00       -    0.00    0.05   50.05

Time           -----------------------cpu----------------------
Time             user     sys    wait    hirq    sirq    util
11/30/26-09:02   2.20    0.50    0.10    0.00    0.05    2.85

MAX             41.00    9.00    0.10    0.00    0.05   50.05
MEAN            14.80    3.33    0.10    0.00    0.05   18.25
MIN              1.20    0.50    0.10    0.00    0.05    1.85
"""
IO = """\
Time           -------sda--------- -------sdb---------
Time            rrqms    util      rrqms    util
11/30/26-09:00   0.00    1.00       0.20   97.50
11/30/26-09:05   0.00    1.5K       0.20    2.50
"""
NINE_S = 1_796_029_200.0


def archive(path: Path, members: dict[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
        for info in extra:
            made.addfile(info)
    return path


def test_a_table_has_its_moments_and_not_its_trailer() -> None:
    rows = tsar_table.parse(CPU)
    assert [row.time_s for row in rows] == [NINE_S, NINE_S + 60, NINE_S + 120]
    assert rows[0].values["cpu.util"] == 1.85
    assert "cpu.wait" not in rows[1].values
    assert rows[1].values["cpu.user"] == 41.0


def test_the_stamps_are_of_the_clock_of_the_node() -> None:
    assert tsar_table.parse(CPU, utc_offset_s=8 * 3600)[0].time_s == NINE_S - 8 * 3600


def test_columns_belong_to_the_group_above_them_and_suffixes_count() -> None:
    first, second = tsar_table.parse(IO)
    assert (first.values["sda.util"], first.values["sdb.util"]) == (1.0, 97.5)
    assert second.values["sda.util"] == 1536.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sh: tsar: command not found\n",
        "11/30/26-09:00 1 2\n",
        "Time a\n13/77/26-09:00 1\n",
        "Time a\n11/30/26-09:00 1 2\n",
    ],
)
def test_what_is_no_table_has_no_rows(text: str) -> None:
    assert tsar_table.parse(text) == ()


def test_tables_of_a_node_are_joined_by_time_and_empty_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "sysstat_10.0.0.11_20261130090500.tar.gz"
    folder = "sysstat_10.0.0.11_20261130090500"
    members = {
        f"{folder}/{TABLES[0]}": CPU.encode(),
        f"{folder}/{TABLES[3]}": IO.encode(),
        f"{folder}/{TABLES[1]}": b"",
    }
    found = read(archive(path, members | {f"{folder}/dmesg.human.current": b"oom"}), "n1")

    assert address_of(path) == "10.0.0.11"
    assert found.period_s == 60
    assert found.rows[0].values.keys() >= {"cpu.util", "sdb.util"}
    assert len(found.rows) == 4
    assert f"{TABLES[1]} is empty or missing" in found.notes


def test_a_node_without_tsar_is_told_though_obdiag_calls_it_a_success(tmp_path: Path) -> None:
    path = archive(tmp_path / "sysstat_n_20261130090500.tar.gz", {f"x/{name}": b"" for name in TABLES})
    found = read(path, "n1")
    assert found.rows == ()
    assert found.notes == ("no table has rows: tsar is not installed on the node, or has no history",)


def test_paths_and_links_of_members_lead_nowhere(tmp_path: Path) -> None:
    link = tarfile.TarInfo(f"x/{TABLES[3]}")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    path = archive(tmp_path / "sysstat_n_20261130090500.tar.gz", {f"../../{TABLES[0]}": CPU.encode()}, (link,))
    assert read(path, "n1").rows
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("kind", ["huge", "many", "cut", "text"])
def test_an_archive_that_is_none_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysstat_archive, "_MOST_BYTES", 4096)
    path = tmp_path / "sysstat_n_20261130090500.tar.gz"
    members = {f"x/{number}": b"" for number in range(100)} if kind == "many" else {f"x/{TABLES[0]}": b"\0" * 10_000}
    archive(path, members if kind in ("huge", "many") else {f"x/{TABLES[0]}": CPU.encode()})
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:40])
    if kind == "text":
        path.write_text("not found", encoding="utf-8")
    with pytest.raises(DataError, match=path.name):
        read(path, "n1")
