"""Frames and events are read as they were written."""

from __future__ import annotations

import json
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.events import Event, EventKind, Level
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue

_NODES = ("n1", "n2", "n3")
_FIGURES = arrays.arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))
_TICK = st.tuples(_FIGURES, st.frozensets(st.sampled_from(_NODES)))
_TIMES_S = st.lists(st.floats(0, 4e9), unique=True, max_size=8)
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
    expected = sorted(frames, key=lambda frame: frame.time_s)
    assert [(frame.time_s, frame.late) for frame in read] == [(frame.time_s, frame.late) for frame in expected]
    for one, other in zip(read, expected, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    # Whatever was written before an earlier time came again is what the clock, set back, has made obsolete.
    kept = [time_s for place, time_s in enumerate(times_s) if time_s <= min(times_s[place:])]
    np.testing.assert_array_equal(window.times_s, kept)
    np.testing.assert_array_equal(
        window.values,
        np.array([each.values for each in frames if each.time_s in kept]).reshape(-1, 3, 2).transpose(1, 2, 0),
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


def test_a_window_has_no_frames_of_before_the_clock_was_set_back(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        for time_s in (1.0, 2.0, 3.0, 4.0, 2.5, 3.0, 3.5):
            recorder.frame(frame_at(time_s))
    with Recording(recorder.path) as recording:
        assert [frame.time_s for frame in recording.frames()] == [1.0, 2.0, 2.5, 3.0, 3.5, 4.0]
        window = recording.window()
        assert window.times_s.tolist() == [1.0, 2.0, 2.5, 3.0, 3.5]
        assert window.series("n1", "host.cpu.usage").tolist() == window.times_s.tolist()
        assert recording.window(3.2, 9.0).times_s.tolist() == [3.5]


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
