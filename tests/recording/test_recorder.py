"""The recorder on slow, full and missing disks: it never delays the loop, reports the problem, and recovers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.recorder import Recorder

_FILLING = Path(__file__).with_name("filling.py")
_PRIVATE_MOUNTS = ["unshare", "--mount", "--propagation", "private"]


def _tick_until(recorder: Recorder, frame_at: Callable[[float], Frame], reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline, recorder.status()
        recorder.frame(frame_at(time.time()))
        time.sleep(0.01)


def _fill(directory: Path, how: str, within: list[str]) -> None:
    done = subprocess.run(
        [*within, sys.executable, str(_FILLING), str(directory), how], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "nothing can be written" in found["problem"]
    # What was in the way of a full disk waited, and was written when there was room again.
    assert found["times_s"] == [float(tick) for tick in range(found["ticks"])]
    (event,) = found["events"]
    assert "the recording goes on after" in event
    assert "0 ticks and events were lost" in event


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    _fill(tmp_path, "limit", [])


def test_a_full_disk(tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run([*_PRIVATE_MOUNTS, "true"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: a full disk needs root and a private mount namespace")
    _fill(tmp_path, "mount", _PRIVATE_MOUNTS)


def test_a_locked_file_holds_nobody_up(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        path = Path(recorder.status().path)
        _tick_until(recorder, frame_at, lambda: recorder.status().size_bytes > 0)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            # If a tick waited for the disk it would wait for ever: the lock is held in this thread.
            for tick in range(50):
                recorder.frame(frame_at(float(tick)))
            other.execute("ROLLBACK")
    with Recording(path) as recording:
        assert recording.window(0.0, 49.0).times_s.tolist() == [float(tick) for tick in range(50)]


def test_a_flush_says_why_it_takes_too_long(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame], tmp_path: Path
) -> None:
    in_the_way = tmp_path / "recordings"
    in_the_way.write_text("a file")
    with new_recorder() as recorder:
        recorder.frame(frame_at(1.0))
        with pytest.raises(DataError, match="not all of it is on the disk yet: nothing can be written to"):
            recorder.flush(0.2)
        in_the_way.unlink()
        # It is a new attempt, and needs no further tick.
        recorder.flush(30)
        with Recording(recorder.path) as recording:
            assert recording.span() == (1.0, 1.0)


def test_a_removed_file_is_noticed_and_made_anew(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]
) -> None:
    with new_recorder() as recorder:
        path = Path(recorder.status().path)
        _tick_until(recorder, frame_at, lambda: recorder.status().size_bytes > 0)
        shutil.rmtree(path.parent)
        _tick_until(recorder, frame_at, lambda: "the file was removed" in recorder.status().problem)
        _tick_until(recorder, frame_at, lambda: not recorder.status().problem)
    with Recording(path) as recording:
        assert any("the recording goes on" in event.text for event in recording.events())


def test_a_place_that_is_no_directory_is_a_problem_and_no_error(
    new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame], tmp_path: Path
) -> None:
    in_the_way = tmp_path / "recordings"
    in_the_way.write_text("a file")
    with new_recorder() as recorder:
        _tick_until(recorder, frame_at, lambda: "nothing can be written" in recorder.status().problem)
        in_the_way.unlink()
        _tick_until(recorder, frame_at, lambda: not recorder.status().problem)
    assert Path(recorder.status().path).is_file()
