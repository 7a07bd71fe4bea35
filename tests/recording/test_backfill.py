"""Figures of the past beside the frames of a recording that is being written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.errors import DataError
from distdiag_core.recording import backfill, metric_history
from distdiag_core.recording.backfill import BackfillValue
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.recorder import Recorder


def _past(*times_s: float, node: str = "n1") -> list[BackfillValue]:
    return [BackfillValue("obdiag", "host.cpu.usage", node, time_s, 7.0 + time_s) for time_s in times_s]


def test_it_is_told_from_frames_and_changes_none_of_them(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        recorder.frame(frame_at(100.0))
        recorder.flush()
        assert backfill.add(recorder.path, _past(0.0, 60.0)) == 2
        recorder.frame(frame_at(101.0))
        recorder.flush()
        # What is known already is not added again, whatever its value.
        assert backfill.add(recorder.path, [*_past(60.0, 120.0), *_past(60.0, node="n2")]) == 2
    with Recording(recorder.path) as recording:
        assert recording.span() == (100.0, 101.0)
        assert [each.time_s for each in recording.frames()] == [100.0, 101.0]
        assert recording.ticks()[0].tolist() == [1, 2]
        np.testing.assert_array_equal(recording.window().times_s, [100.0, 101.0])
        assert recording.backfill(metric="host.cpu.usage") == (*_past(0.0, 60.0, 120.0), *_past(60.0, node="n2"))
        assert recording.backfill(30.0, 90.0, "host.cpu.usage") == (*_past(60.0), *_past(60.0, node="n2"))
        assert recording.backfill(metric="host.load.1") == ()


def test_a_recording_of_an_earlier_release_has_none_and_a_damaged_one_is_told(recorded: Path) -> None:
    with Recording(recorded) as recording:
        assert recording.backfill() == ()
    with closing(sqlite3.connect(recorded)) as connection, connection:
        connection.execute("CREATE TABLE backfill (anything TEXT)")
    with Recording(recorded) as recording, pytest.raises(DataError, match="damaged"):
        recording.backfill()
    with pytest.raises(DataError, match="cannot be written"):
        backfill.add(recorded.with_name("missing.db"), _past(0.0))


def test_the_chart_of_hours_has_it_where_nothing_was_sampled(recorded: Path) -> None:
    backfill.add(recorded, _past(-30.0, 5.0))
    paths, nodes = (recorded,), ("n1", "n2")
    found = metric_history.read(paths, "host.cpu.usage", nodes, (-40.0, 10.0), 50, lambda _: True)
    assert found.extremes.highest[0, 10] == -23.0
    assert np.isnan(found.extremes.highest[1, 10])
    # The sample of this second stays: it was 5.
    assert found.extremes.highest[0, 45] == 5.0
    assert found.backfilled == {"obdiag": 1}


def test_a_column_of_the_chart_has_the_extremes_of_its_figures(recorded: Path) -> None:
    backfill.add(recorded, _past(-35.0, -33.0, -31.0))
    extremes = metric_history.read((recorded,), "host.cpu.usage", ("n1",), (-40.0, 10.0), 5, lambda _: True).extremes
    column = [float(each[0, 0]) for each in (extremes.first, extremes.lowest, extremes.highest, extremes.last)]
    assert column == [-28.0, -28.0, -24.0, -24.0]
