"""Archives of `gather sysstat` with tables as tsar prints them, made by ourselves."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.metrics import catalogue
from distdiag_core.obdiag import sysstat_archive, tsar_table
from distdiag_core.obdiag.sysstat_archive import TABLES, address_of, read
from distdiag_core.obdiag.tsar_figures import METRICS, disk_of, figures_of

if TYPE_CHECKING:
    from pathlib import Path

CPU = """\
Time           -----------------------cpu----------------------
Time             user     sys    wait    hirq    sirq    util
30/11/26-09:00   1.20    0.50    0.10    0.00    0.05    1.85
30/11/26-09:01  41.00    9.00  ------    0.00    0.05   50.05

Time           -----------------------cpu----------------------
Time             user     sys    wait    hirq    sirq    util
30/11/26-09:02   2.20    0.50    0.10    0.00    0.05    2.85

MAX             41.00    9.00    0.10    0.00    0.05   50.05
MEAN            14.80    3.33    0.10    0.00    0.05   18.25
MIN              1.20    0.50    0.10    0.00    0.05    1.85
"""
IO = """\
Time           -------sda--------- -------sdb---------
Time            rrqms    util      rrqms    util
30/11/26-09:00   0.00    1.00       0.20   97.50
30/11/26-09:05   0.00    1.5K       0.20    2.50
"""
# Without swap its used share is no number, for which tsar prints nothing at all.
SWAP = """\
Time           ---------------swap------------- -------------------load-----------------
Time            swpin  swpout   total    util    load1   load5  load15    runq    plit
30/11/26-10:01   0.00    1.00    0.00      19.40   17.67   11.31   24.00  533.00
30/11/26-10:02   0.00    1.00    4.0G   12.50    19.40   17.67   11.31   24.00  533.00
30/11/26-10:03   0.00    1.00    0.00      19.40   17.67
"""
DISK = """\
Time           ----------------loop0----------------- -----------------vda------------------
Time               rs      ws   rsecs   wsecs   await      rs      ws   rsecs   wsecs   await
30/11/26-09:00   0.00    0.00    0.00    0.00    0.00    51.00    0.00  487.00   10.5K    0.26
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


def test_a_cell_that_tsar_leaves_out_moves_no_other() -> None:
    without, with_swap = tsar_table.parse(SWAP)
    assert "swap.util" not in without.values
    assert without.values | {"swap.total": 4 * 2**30, "swap.util": 12.5} == with_swap.values
    assert (without.values["load.load1"], without.values["load.plit"]) == (19.4, 533.0)


def test_figures_that_mean_the_same_have_the_names_and_units_of_the_catalogue() -> None:
    (cpu, *_), (disk, *_) = tsar_table.parse(CPU), tsar_table.parse(DISK)
    assert figures_of(cpu.values) == {
        "host.cpu.usage": 1.85,
        "host.cpu.system": 0.5,
        "host.cpu.iowait": 0.1,
        "host.cpu.irq": 0.05,
    }
    # Sectors are 512 bytes whatever the disk; tsar has a latency of 0 where nothing was written.
    assert figures_of(disk.values, disk_of([disk], None)) == {
        "host.disk.reads": 51.0,
        "host.disk.writes": 0.0,
        "host.disk.read_bytes": 487.0 * 512,
        "host.disk.write_bytes": 10.5 * 1024 * 512,
        "host.disk.latency": 0.26,
    }
    assert set(catalogue.load().names) >= METRICS


@pytest.mark.parametrize(
    ("device", "found"), [(None, "vda"), ("/dev/vda", "vda"), ("loop0", "loop0"), ("nvme0n1", None)]
)
def test_the_disk_of_the_data_is_the_one_of_the_cluster_file_or_the_only_one(
    device: str | None, found: str | None
) -> None:
    assert disk_of(tsar_table.parse(DISK), device) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sh: tsar: command not found\n",
        "30/11/26-09:00 1 2\n",
        "Time a\n77/13/26-09:00 1\n",
        "Time a\n30/11/26-09:00 1 2\n",
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
