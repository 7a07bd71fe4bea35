"""A run that is killed leaves its incident, which lacks at most the last tick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from distdiag_core.errors import DataError
from distdiag_core.incidents.incident_files import RecordedIncident, incidents_of
from distdiag_core.recording.reader import Recording
from tests.waiting import eventually

_FOLLOWING = Path(__file__).with_name("following.py")
_ROOT = Path(__file__).parents[2]


def _incidents(directory: Path) -> tuple[RecordedIncident, ...]:
    """Those that can be read at this moment."""
    for path in directory.glob("*.sqlite"):
        try:
            with Recording(path) as recording:
                return incidents_of(recording)
        except DataError:
            break  # The file is there, its tables not yet.
    return ()


def _wait_for_tick(directory: Path, tick: float) -> None:
    eventually(lambda: any(each.incident.last_s >= tick for each in _incidents(directory)), f"tick {tick}")


def test_kill_9_loses_at_most_the_last_tick(tmp_path: Path) -> None:
    command = [sys.executable, str(_FOLLOWING), str(tmp_path)]
    environment = {"PYTHONPATH": str(_ROOT), "PATH": ""}
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdin is not None
        for tick in range(100, 110):
            process.stdin.write(f"{tick}\n")
            process.stdin.flush()
            _wait_for_tick(tmp_path, tick)  # Which reads it while it is being written.
        process.stdin.write("110\n")
        process.stdin.flush()
        process.kill()
    (found,) = _incidents(tmp_path)

    assert found.incident.last_s >= 109.0
    assert found.incident.ended_s is None
    assert found.verdicts[0].time_s == 100.0
