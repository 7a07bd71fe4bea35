"""Parts of recordings as tables: what is in them, and that they are written whole or not at all."""

from __future__ import annotations

import csv
import gzip
import resource
import sys
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.exchange import columns as table_columns
from distdiag_core.dataset.exchange import recording_table, table_files
from distdiag_core.dataset.exchange.notes import Notes
from distdiag_core.dataset.exchange.recording_table import Columns
from distdiag_core.errors import ConfigError, DataError, UnsupportedError
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.schema import RecordedNode, RecordingMeta, Row, frame_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NODES = ("n1", "=n2")
CATALOGUE = MetricCatalogue(
    (
        Metric("host.cpu.usage", "cpu", "%", "gauge", "cpu", "host", "usage"),
        Metric("host.cpu.steal", "stolen", "%", "gauge", "cpu", "host", "steal"),
        Metric("workload.tps", "transactions", "1/s", "gauge", "transactions", "workload", "tps"),
        Metric("host.load", "load", "", "gauge", "cpu", "host", "load"),
    )
)
START_S = 1_800_000_000.25
META = RecordingMeta("shop", tuple(map(RecordedNode, NODES)), CATALOGUE.metrics, 1.0, START_S)
EVER = (float("-inf"), float("inf"))
TABLES = ("table.csv", "table.csv.gz", "table.parquet")


def write_recording(path: Path, ticks: int, offset_s: Callable[[int], float] = lambda _: 0.0) -> RecordingFile:
    """A recording in which the tick and the node can be told from the values, and one value is unknown at odd ticks."""
    file, rows = RecordingFile(path, META), []
    for tick in range(ticks):
        unknown = np.nan if tick % 2 else 0.5
        values = np.array([[tick, 0, 1000 + tick, unknown], [tick + 0.1, 1, 2000, 1e9]], dtype=np.float32)
        frame = Frame(START_S + tick, NODES, CATALOGUE.names, values, clock_offset_s=offset_s(tick))
        rows.append(frame_row(frame))
    file.write(rows)
    return file


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    path = tmp_path / "recordings" / "shop.sqlite"
    write_recording(path, 6).close()
    with Recording(path) as recording:
        yield recording


def rows_of(table: Path) -> list[list[str]]:
    """The cells of a table, as CSV has them."""
    if table.suffix == ".parquet":
        from pyarrow import parquet

        found = parquet.read_table(table)
        rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
        texts = [
            [
                recording_table.utc(time.timestamp()),
                node,
                *("" if each is None else str(np.float32(each)) for each in row),
            ]
            for time, node, *row in rows
        ]
        return [found.column_names, *texts]
    content = table.read_bytes()
    return list(csv.reader((gzip.decompress(content) if table.suffix == ".gz" else content).decode().splitlines()))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_units_utc_and_empty_cells(recording: Recording, tmp_path: Path, name: str) -> None:
    window = (START_S + 1, START_S + 2)
    extent = recording_table.write(recording, Columns.of(recording.meta), tmp_path / name, window)

    assert (extent.ticks, extent.first_s, extent.last_s) == (2, *window)
    header, *rows = rows_of(tmp_path / name)
    assert header == ["time", "node", "host.cpu.usage [%]", "host.cpu.steal [%]", "workload.tps [1/s]", "host.load"]
    # A spreadsheet would take the name of the second node for a formula.
    second = "=n2" if name.endswith("parquet") else "'=n2"
    assert rows == [
        ["2027-01-15T08:00:01.250Z", "n1", "1.0", "0.0", "1001.0", ""],
        ["2027-01-15T08:00:01.250Z", second, "1.1", "1.0", "2000.0", "1e+09"],
        ["2027-01-15T08:00:02.250Z", "n1", "2.0", "0.0", "1002.0", "0.5"],
        ["2027-01-15T08:00:02.250Z", second, "2.1", "1.0", "2000.0", "1e+09"],
    ]
    assert not list(tmp_path.glob(".new-*"))


def test_parquet_has_types_and_says_what_it_is(recording: Recording, tmp_path: Path) -> None:
    from pyarrow import parquet

    table = tmp_path / "table.parquet"
    recording_table.write(recording, Columns.of(recording.meta), table, EVER)
    schema = parquet.read_schema(table)
    assert [str(kind) for kind in schema.types[:3]] == [
        "timestamp[ms, tz=UTC]",
        "dictionary<values=string, indices=int32, ordered=0>",
        "float",
    ]
    assert schema.metadata[b"cluster"] == b"shop"
    assert schema.field("workload.tps [1/s]").metadata[b"unit"] == b"1/s"


def test_nodes_and_metrics_are_chosen_by_name_and_pattern(recording: Recording, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    columns = Columns.of(recording.meta, ["n1"], ["workload.tps", "host.cpu.*"])
    recording_table.write(recording, columns, table, EVER)
    header, first, *_ = rows_of(table)
    # In the order of the catalogue.
    assert header[2:] == ["host.cpu.usage [%]", "host.cpu.steal [%]", "workload.tps [1/s]"]
    assert first[1:] == ["n1", "0.0", "0.0", "1000.0"]
    with pytest.raises(ConfigError, match=r"no metric 'host.gpu.\*'; it has host.cpu.usage, "):
        Columns.of(recording.meta, [], ["host.gpu.*"])
    with pytest.raises(ConfigError, match="no node 'n9'; it has n1, =n2"):
        Columns.of(recording.meta, ["n9"])


def test_a_window_by_the_wall_clock_follows_a_clock_that_was_set(tmp_path: Path) -> None:
    path, table = tmp_path / "shop.sqlite", tmp_path / "table.csv"
    write_recording(path, 6, lambda tick: 3600.0 if tick >= 3 else 0.0).close()
    with Recording(path) as recording:
        assert recording_table.wall_span(recording) == (START_S, START_S + 3605)
        columns = Columns.of(recording.meta, ["n1"], ["host.cpu.usage"])
        recording_table.write(recording, columns, table, (START_S + 2, START_S + 3604), by_wall=True)
    assert [(row[0][11:19], row[2]) for row in rows_of(table)[1:]] == [
        ("08:00:02", "2.0"),
        ("09:00:03", "3.0"),
        ("09:00:04", "4.0"),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_window_without_ticks_is_refused_with_where_there_are_some(
    recording: Recording, tmp_path: Path, name: str
) -> None:
    table = tmp_path / name
    with pytest.raises(DataError, match=r"has no tick .* from 2027-01-15T08:00:00.250Z to 2027-01-15T08:00:05.250Z"):
        recording_table.write(recording, Columns.of(recording.meta), table, (0.0, 1.0))
    assert not table.exists()


@pytest.mark.parametrize("name", TABLES)
def test_a_disk_that_is_full_leaves_the_table_as_it_was(recording: Recording, tmp_path: Path, name: str) -> None:
    table = tmp_path / name
    table.write_text("of before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(DataError, match=f"{name}: cannot be written: File too large"):
            recording_table.write(recording, Columns.of(recording.meta), table, EVER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert table.read_text() == "of before"
    assert not list(tmp_path.glob(".new-*"))


@pytest.mark.parametrize("name", TABLES)
def test_a_damaged_recording_leaves_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "recordings" / "shop.sqlite"
    with closing(write_recording(path, 500)) as file:
        file.write([Row("UPDATE frame SET figures = ? WHERE tick = 400", (b"cut",))])
    with Recording(path) as recording, pytest.raises(DataError, match="it is damaged"):
        recording_table.write(recording, Columns.of(recording.meta), tmp_path / name, EVER)
    assert [each.name for each in tmp_path.iterdir()] == ["recordings"]


def test_a_recording_that_is_still_written_can_be_read(tmp_path: Path) -> None:
    path, table = tmp_path / "shop.sqlite", tmp_path / "table.csv"
    with closing(write_recording(path, 3)), Recording(path) as recording:
        assert path.with_name("shop.sqlite-wal").stat().st_size > 0
        assert recording_table.write(recording, Columns.of(recording.meta), table, EVER).ticks == 3


def test_without_pyarrow_it_says_how_to_install_it(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'distdiag\[parquet\]', or use CSV"):
        recording_table.write(recording, Columns.of(recording.meta), tmp_path / "table.parquet", EVER)


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_memory_does_not_grow_with_the_length(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_table, "_BLOCK_CELLS", 2**10)
    peaks = []
    for ticks in (200, 2000):
        path = tmp_path / f"{ticks}.sqlite"
        write_recording(path, ticks).close()
        with Recording(path) as recording:
            tracemalloc.start()
            recording_table.write(recording, Columns.of(recording.meta), tmp_path / name, EVER)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    # The frames alone of the long one are some 800 kB.
    assert peaks[1] < peaks[0] + 300_000, peaks


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_imported_as_a_case_has_the_names_and_the_figures_of_the_recording(
    recording: Recording, tmp_path: Path, name: str
) -> None:
    table = tmp_path / name
    recording_table.write(recording, Columns.of(META), table, EVER)
    (case,) = (case_directory.read(tmp_path / "in" / each) for each in table_files.read(table, tmp_path / "in"))
    whole = recording.window()
    assert set(case.window.metrics) == set(CATALOGUE.names)
    columns = [case.window.metrics.index(each) for each in whole.metrics]
    nodes = [case.window.nodes.index(each) for each in whole.nodes]
    np.testing.assert_array_equal(case.window.values[nodes][:, columns], whole.values)
    np.testing.assert_allclose(case.window.times_s, whole.times_s, atol=1e-3)


def test_a_unit_stays_where_two_columns_differ_in_nothing_else() -> None:
    notes = Notes()
    found = table_columns.Columns.of(["time", "node", "host.io.wait [ms]", "host.io.wait [s]", "load [x]"], "t", notes)
    assert found.metrics == ("host.io.wait [ms]", "host.io.wait [s]", "load [x]")
