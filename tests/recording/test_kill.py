"""A run that is killed leaves a recording that lacks at most its last tick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording
from tests.waiting import eventually

_TICKING = Path(__file__).with_name("ticking.py")


def _last_tick(directory: Path) -> float:
    """The newest tick that can be read at this moment; -1 where there is none yet."""
    files = list(directory.glob("*.sqlite"))
    if not files:
        return -1.0
    try:
        with Recording(files[0]) as recording:
            span = recording.span()
    except DataError:
        return -1.0  # The file is there, its tables not yet.
    return -1.0 if span is None else span[1]


def _wait_for_tick(directory: Path, tick: float) -> None:
    eventually(lambda: _last_tick(directory) >= tick, f"tick {tick}")


def test_kill_9_loses_at_most_the_last_tick(tmp_path: Path) -> None:
    command = [sys.executable, str(_TICKING), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        for tick in range(20):
            process.stdin.write(f"{tick}\n")
            process.stdin.flush()
            _wait_for_tick(tmp_path, tick)  # Which reads it while it is being written.
        process.stdin.write("20\n")
        process.stdin.flush()
        process.kill()
    (file,) = tmp_path.glob("*.sqlite")
    with Recording(file) as recording:
        times_s = recording.window().times_s.tolist()
    assert times_s[:20] == [float(tick) for tick in range(20)]
