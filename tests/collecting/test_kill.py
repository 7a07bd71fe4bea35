"""`kill -9` while collecting: what was recorded is kept, what was open is told, and nothing half is taken for whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.collecting.notes import Notes
from distdiag_core.collecting.recovery import recover
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording
from tests.collecting.conftest import START_S

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case

_KILLING = Path(__file__).with_name("killing.py")
_ROOT = _KILLING.parents[2]
_WITHIN_S = 60.0
# The last tick that it sees.
_LAST_S = {"normal": START_S + 55, "anomaly": START_S + 59}


def killed(directory: Path, what: str) -> None:
    """Let a console collect, and kill it in the middle, when all that it has seen is on the disk."""
    command = [sys.executable, str(_KILLING), str(directory), what]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(command, env=environment) as process:
        try:
            deadline = time.monotonic() + _WITHIN_S
            while not _is_written(directory, _LAST_S[what]):
                assert time.monotonic() < deadline, "nothing was written"
                assert process.poll() is None
                time.sleep(0.02)
        finally:
            process.kill()


def _is_written(directory: Path, last_s: float) -> bool:
    recordings, notes = list(directory.glob("recordings/*.sqlite")), list(directory.glob("collecting/*.json"))
    if not recordings or not notes:
        return False
    try:
        with Recording(recordings[0]) as recording:
            span = recording.span()
    except DataError:
        return False  # The file is there, its tables not yet.
    return span is not None and span[1] >= last_s


def recovered(directory: Path) -> tuple[str, Case]:
    """What the next console says and writes."""
    (said,) = recover(Notes(directory / "collecting", "small", ""), directory / "cases")
    (case,) = case_directory.read_all(directory / "cases", excluded=True)
    return said, case


def test_normal_life_is_kept_as_far_as_it_went(tmp_path: Path) -> None:
    killed(tmp_path, "normal")
    assert not (tmp_path / "cases").exists()
    said, case = recovered(tmp_path)
    assert "was being collected by a console that was killed; it is kept as far as it went" in said
    assert (case.labels, case.excluded, case.group) == ((), None, "normal-20270115T080015")
    # All but the seconds in which somebody else might have begun something unseen.
    assert case.window.times_s.tolist() == [START_S + tick for tick in range(15, 50)]
    assert not list((tmp_path / "collecting").iterdir())


def test_a_case_with_an_anomaly_is_kept_and_left_out(tmp_path: Path) -> None:
    killed(tmp_path, "anomaly")
    said, case = recovered(tmp_path)
    assert case.excluded == "the console was killed before it was over"
    assert "cpu_stress-n2-high" in said
    assert "excluded from training" in said
    (label,) = case.labels
    assert (label.anomaly, label.node, label.end_s) == ("cpu_stress", "n2", START_S + 59)
    assert case.normal == ((START_S + 6, START_S + 16),)
    assert case_directory.read_all(tmp_path / "cases") == ()


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", '{"cluster": "small"}'])
def test_a_damaged_note_is_removed(tmp_path: Path, damage: str) -> None:
    note = tmp_path / "collecting" / "small-1.json"
    note.parent.mkdir()
    note.write_text(damage)
    assert list(recover(Notes(note.parent, "small", ""), tmp_path / "cases")) == []
    assert not note.exists()


def test_a_lost_recording_is_told(tmp_path: Path) -> None:
    killed(tmp_path, "normal")
    for file in (tmp_path / "recordings").iterdir():
        file.unlink()
    (said,) = recover(Notes(tmp_path / "collecting", "small", ""), tmp_path / "cases")
    assert "is lost" in said
    assert "there is no such recording" in said
