"""Frames and events are read as they were written."""

from __future__ import annotations

import json
import sqlite3
import stat
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording import recording_file
from distdiag_core.recording.events import Event, EventKind, Level
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.schema import TABLES, RecordingMeta, frame_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.inventory import ClusterSettings

_NODES = ("n1", "n2", "n3")
# The tables of version 1, whose frames are named by the wall clock.
_FIRST_VERSION = """
    CREATE TABLE meta (json TEXT NOT NULL);
    CREATE TABLE frame (time_s REAL PRIMARY KEY, late TEXT NOT NULL, figures BLOB NOT NULL);
    CREATE TABLE event (
        time_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, level TEXT NOT NULL, node TEXT, data TEXT NOT NULL
    );
    CREATE INDEX event_time ON event (time_s);
    PRAGMA application_id = 0x64646961;
    PRAGMA user_version = 1;
"""
_FIGURES = arrays.arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))
_TICK = st.tuples(_FIGURES, st.frozensets(st.sampled_from(_NODES)))
_TIMES_S = st.lists(st.integers(0, 9).map(float) | st.floats(0, 4e9), max_size=8)
_EVENT = st.builds(
    Event,
    st.floats(0, 4e9),
    st.sampled_from(get_args(EventKind)),
    st.text(),
    st.sampled_from(get_args(Level)),
    st.none() | st.sampled_from(_NODES),
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times_s=_TIMES_S, data=st.data(), events=st.lists(_EVENT, max_size=5))
def test_everything_comes_back(
    times_s: list[float], data: st.DataObject, events: list[Event], cluster: ClusterSettings, catalogue: MetricCatalogue
) -> None:
    ticks = [data.draw(_TICK) for _ in times_s]
    frames = [
        Frame(time_s, _NODES, catalogue.names, figures, late)
        for time_s, (figures, late) in zip(times_s, ticks, strict=True)
    ]
    with tempfile.TemporaryDirectory() as directory:
        with Recorder(cluster, catalogue, Path(directory)) as recorder:
            for frame in frames:
                recorder.frame(frame)
            for event in events:
                recorder.event(event)
        with Recording(Path(recorder.status().path)) as recording:
            read = list(recording.frames())
            window = recording.window()
            read_events = recording.events()
    assert [(frame.time_s, frame.late) for frame in read] == [(frame.time_s, frame.late) for frame in frames]
    for one, other in zip(read, frames, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    # In a window times rise: what was written before the same or an earlier time came again is left out.
    kept = [each for place, each in enumerate(frames) if each.time_s < min([*times_s[place + 1 :], np.inf])]
    np.testing.assert_array_equal(window.times_s, [each.time_s for each in kept])
    np.testing.assert_array_equal(
        window.values, np.array([each.values for each in kept]).reshape(-1, 3, 2).transpose(1, 2, 0)
    )
    assert sorted(map(repr, read_events)) == sorted(map(repr, events))


def test_meta_says_what_it_is_about(recorded: Path, cluster: ClusterSettings, catalogue: MetricCatalogue) -> None:
    with Recording(recorded) as recording:
        assert recording.meta.cluster == cluster.name
        assert recording.meta.node_names == _NODES
        assert recording.meta.catalogue == catalogue
        assert recording.meta.interval_s == cluster.interval_s


def test_a_recording_whose_metrics_have_a_key_of_earlier_versions_is_read(
    recorded: Path, catalogue: MetricCatalogue
) -> None:
    with closing(sqlite3.connect(recorded)) as connection, connection:
        about = json.loads(connection.execute("SELECT json FROM meta").fetchone()[0])
        for metric in about["metrics"]:
            metric["bad"] = "up"
        connection.execute("UPDATE meta SET json = ?", (json.dumps(about),))
    with Recording(recorded) as recording:
        assert recording.meta.catalogue == catalogue


def test_a_slice_includes_both_of_its_ends(recorded: Path) -> None:
    with Recording(recorded) as recording:
        window = recording.window(3.0, 6.0)
        assert recording.span() == (0.0, 9.0)
    assert window.times_s.tolist() == [3.0, 4.0, 5.0, 6.0]
    assert window.series("n2", "host.cpu.usage").tolist() == [3.0, 4.0, 5.0, 6.0]
    assert not window.values.flags.writeable


def test_nobody_else_reads_a_recording_also_in_a_directory_that_is_open(recorded: Path) -> None:
    recorded.parent.chmod(0o755)
    assert [stat.S_IMODE(path.stat().st_mode) for path in recorded.parent.glob(f"{recorded.name}*")] == [0o600]


def test_a_run_without_a_tick_is_a_recording_too(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        pass
    with Recording(Path(recorder.status().path)) as recording:
        assert recording.span() is None
        assert len(recording.window()) == 0
        assert recording.events() == ()


def test_odd_text_of_a_node_is_kept_readable(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        recorder.event(Event(1.0, "node", "it said \udcff\x00", data={"raw": "\udcff", "path": Path("/x")}))
    with Recording(Path(recorder.status().path)) as recording:
        (event,) = recording.events()
    assert event.text == "it said \\udcff\x00"
    assert event.data == {"raw": "\udcff", "path": "/x"}


def test_no_frame_takes_the_place_of_another(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    times_s = [1.0, 2.0, 3.0, 4.0, 2.5, 3.0, 3.5]
    with new_recorder() as recorder:
        for time_s in times_s:
            recorder.frame(frame_at(time_s))
    with Recording(recorder.path) as recording:
        assert [frame.time_s for frame in recording.frames()] == times_s
        assert [frame.time_s for frame in recording.frames(2.6, 3.2)] == [3.0, 3.0]
        assert recording.span() == (1.0, 3.5)
        window = recording.window()
        assert window.times_s.tolist() == [1.0, 2.0, 2.5, 3.0, 3.5]
        assert window.series("n1", "host.cpu.usage").tolist() == window.times_s.tolist()
        assert recording.window(3.2, 9.0).times_s.tolist() == [3.5]


def test_ticks_count_on_when_a_recording_is_opened_again(
    cluster: ClusterSettings, catalogue: MetricCatalogue, frame_at: Callable[[float], Frame], tmp_path: Path
) -> None:
    meta = RecordingMeta.of(cluster, catalogue, 0.0)
    for times_s in ([5.0, 6.0], [1.0, 2.0]):
        file = RecordingFile(tmp_path / "run.sqlite", meta)
        file.write([frame_row(frame_at(time_s)) for time_s in times_s])
        file.close()
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as connection:
        rows = connection.execute("SELECT tick, time_s FROM frame ORDER BY tick").fetchall()
    assert rows == [(1, 5.0), (2, 6.0), (3, 1.0), (4, 2.0)]


def test_ticks_fill_the_pages_of_the_file(cluster: ClusterSettings, tmp_path: Path) -> None:
    # As many as the lab has: two rows are a little more than a page as SQLite makes it by itself.
    names = tuple(f"m{number}" for number in range(221))
    catalogue = MetricCatalogue(tuple(Metric(name, name, "", "gauge", "cpu", "host", name) for name in names))
    values = np.ones((len(_NODES), len(names)), dtype=np.float32)
    frames = [Frame(float(tick), _NODES, names, values) for tick in range(500)]
    file = RecordingFile(tmp_path / "run.sqlite", RecordingMeta.of(cluster, catalogue, 0.0))
    empty_bytes = file.size_bytes()
    file.write([frame_row(frame) for frame in frames])
    file.close()

    grown_bytes = (tmp_path / "run.sqlite").stat().st_size - empty_bytes
    assert grown_bytes < 1.1 * len(frames) * values.nbytes
    with Recording(tmp_path / "run.sqlite") as recording:
        assert len(list(recording.frames())) == len(frames)


@pytest.mark.parametrize("figures_bytes", [4, 800, 2652, 26_520])
def test_no_page_wastes_more_than_that_of_the_usual_size(figures_bytes: int) -> None:
    chosen = recording_file.page_bytes(figures_bytes)
    usual = 4096

    assert chosen in (usual, 2 * usual, 4 * usual)
    assert _taken(figures_bytes, chosen) <= _taken(figures_bytes, usual)


def _taken(figures_bytes: int, page: int) -> int:
    """The bytes of a file of a thousand rows on pages of that size."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA page_size = {page}")
        connection.executescript(TABLES)
        row = ("INSERT INTO frame VALUES (NULL, 1.25, 1.25, '[]', zeroblob(?))", [(figures_bytes,)] * 1000)
        connection.executemany(*row)
        pages: int = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'frame'").fetchone()[0]
        return pages


def test_a_frame_keeps_the_wall_clock_of_its_tick(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        for tick, offset_s in enumerate((0.0, 0.0, -3600.0, -3600.0, 86_400.0)):
            recorder.frame(replace(frame_at(float(tick)), clock_offset_s=offset_s))
    with Recording(recorder.path) as recording:
        assert [frame.wall_s for frame in recording.frames()] == [0.0, 1.0, -3598.0, -3597.0, 86_404.0]
        assert recording.window(1.0, 4.0).times_s.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_a_recording_of_the_first_version_is_read(
    cluster: ClusterSettings, catalogue: MetricCatalogue, frame_at: Callable[[float], Frame], tmp_path: Path
) -> None:
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_FIRST_VERSION)
        connection.execute("INSERT INTO meta VALUES (?)", (RecordingMeta.of(cluster, catalogue, 1.0).to_json(),))
        # Its clock was set back after the third tick.
        for time_s in (1.0, 2.0, 3.0, 1.5, 2.5):
            figures = frame_at(time_s).values.astype("<f4").tobytes()
            connection.execute("INSERT OR REPLACE INTO frame VALUES (?, '[\"n2\"]', ?)", (time_s, figures))
        connection.execute("INSERT INTO event VALUES (2.0, 'node', 'n1 is up', 'info', 'n1', '{}')")
    with Recording(path) as recording:
        assert [(frame.time_s, frame.wall_s) for frame in recording.frames()] == [
            (time_s, time_s) for time_s in (1.0, 2.0, 3.0, 1.5, 2.5)
        ]
        assert next(recording.frames()).late == {"n2"}
        assert recording.window().times_s.tolist() == [1.0, 1.5, 2.5]
        assert recording.window().series("n3", "host.cpu.usage").tolist() == [1.0, 1.5, 2.5]
        assert recording.span() == (1.0, 2.5)
        assert recording.events() == (Event(2.0, "node", "n1 is up", node="n1"),)


def test_a_flush_makes_all_that_was_recorded_readable(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        for tick in range(200):
            recorder.frame(frame_at(float(tick)))
            if tick % 40 == 0:
                recorder.flush()
                with Recording(recorder.path) as recording:
                    assert recording.span() == (0.0, float(tick))


def test_a_frame_of_another_cluster_is_refused(
    new_recorder: Callable[[], Recorder], catalogue: MetricCatalogue
) -> None:
    stranger = Frame(1.0, ("x",), catalogue.names, np.zeros((1, 2), dtype=np.float32))
    with new_recorder() as recorder, pytest.raises(ValueError, match=r"shape \(1, 2\).*shape \(3, 2\)"):
        recorder.frame(stranger)
