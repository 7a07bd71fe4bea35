"""`kill -9` while collecting: the next console builds the open case from the recording, as the killed one would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.collecting.recovery import recover
from distdiag_core.collecting.unfinished_cases import UnfinishedCases, recordings_needed
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DataError
from distdiag_core.recording.reader import Recording
from tests.collecting.conftest import collecting_core
from tests.collecting.killing import collect, end
from tests.small_cluster import START_S

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case

_ROOT = Path(__file__).parents[2]
_WITHIN_S = 60.0
# The last tick that it sees.
_LAST_S = {"normal": START_S + 55, "anomaly": START_S + 59}
_KINDS = ["normal", "anomaly"]


def killed(directory: Path, what: str, when: str) -> None:
    """Let a core collect, and kill it."""
    command = [sys.executable, "-m", "tests.collecting.killing", str(directory), what, when]
    with subprocess.Popen(command, cwd=_ROOT, env=os.environ | {"PYTHONPATH": str(_ROOT)}) as process:
        try:
            if when == "open":
                _wait_until_written(process, directory, _LAST_S[what])
                process.kill()
            assert process.wait(_WITHIN_S) == -signal.SIGKILL
        finally:
            process.kill()


def _wait_until_written(process: subprocess.Popen[bytes], directory: Path, last_s: float) -> None:
    """Wait until all that it has seen is on the disk."""
    deadline = time.monotonic() + _WITHIN_S
    while not _is_written(directory, last_s):
        assert time.monotonic() < deadline, "nothing was written"
        assert process.poll() is None
        time.sleep(0.02)


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


def recovered(directory: Path, into: str = "cases") -> tuple[str, Case]:
    """The report of the next console, and the case that it writes."""
    (said,) = recover(UnfinishedCases(directory / "collecting", "small"), directory / into)
    (case,) = case_directory.read_all(directory / into, excluded=True)
    return said, case


def content(case: Case) -> dict[str, Any]:
    """All of a case, as values that can be compared."""
    fields = {name: getattr(case, name) for name in case.__dataclass_fields__ if name != "window"}
    window = case.window
    arrays = {"times": window.times_s.tobytes(), "values": window.values.tobytes(), "shape": window.values.shape}
    return fields | arrays | {"nodes": window.nodes, "metrics": window.metrics}


@pytest.mark.parametrize("what", _KINDS)
def test_a_case_built_live_equals_the_one_recovered_from_the_same_recording(tmp_path: Path, what: str) -> None:
    killed(tmp_path, what, "written")
    (live,) = case_directory.read_all(tmp_path / "cases")
    _, again = recovered(tmp_path, into="recovered")
    assert content(again) == content(live)
    assert live.excluded is None


async def test_a_normal_case_of_a_killed_console_equals_one_that_was_stopped_then(tmp_path: Path) -> None:
    killed(tmp_path / "killed", "normal", "open")
    _, again = recovered(tmp_path / "killed")
    with collecting_core(tmp_path / "live") as core:
        await collect(core, "normal")
        end(core, "normal")
        (live,) = await core.written()
    assert content(again) == content(live)


def test_normal_operation_is_kept_as_far_as_it_went(tmp_path: Path) -> None:
    killed(tmp_path, "normal", "open")
    assert not (tmp_path / "cases").exists()
    said, case = recovered(tmp_path)
    assert "was being collected by a console that was killed; it is kept as far as it went" in said
    assert (case.labels, case.excluded, case.group) == ((), None, "normal-20270115T080015")
    # All but the seconds in which somebody else might have begun something unseen.
    assert case.window.times_s.tolist() == [START_S + tick for tick in range(15, 50)]
    assert not list((tmp_path / "collecting").iterdir())


def test_a_case_with_an_anomaly_is_kept_and_excluded(tmp_path: Path) -> None:
    killed(tmp_path, "anomaly", "open")
    said, case = recovered(tmp_path)
    assert case.excluded == "the console was killed before it was over"
    assert "cpu_stress-n2-high" in said
    assert "excluded from training" in said
    (label,) = case.labels
    assert (label.anomaly, label.node, label.end_s) == ("cpu_stress", "n2", START_S + 59)
    assert case.normal == ((START_S + 6, START_S + 16),)
    assert case_directory.read_all(tmp_path / "cases") == ()


def test_a_case_that_was_written_is_not_written_again(tmp_path: Path) -> None:
    killed(tmp_path, "anomaly", "written")
    said, _ = recovered(tmp_path)
    assert "is in the dataset; its console was killed right after" in said


def test_the_recording_of_an_unfinished_case_is_known_to_be_needed(tmp_path: Path) -> None:
    killed(tmp_path, "normal", "written")
    assert recordings_needed(tmp_path / "collecting") == frozenset((tmp_path / "recordings").glob("*.sqlite"))
    recovered(tmp_path)
    assert recordings_needed(tmp_path / "collecting") == frozenset()


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", '{"cluster": "small"}'])
def test_a_damaged_note_is_removed(tmp_path: Path, damage: str) -> None:
    note = tmp_path / "collecting" / "small-1.json"
    note.parent.mkdir()
    note.write_text(damage)
    assert list(recover(UnfinishedCases(note.parent, "small"), tmp_path / "cases")) == []
    assert not note.exists()


def test_a_lost_recording_is_reported(tmp_path: Path) -> None:
    killed(tmp_path, "normal", "open")
    for file in (tmp_path / "recordings").iterdir():
        file.unlink()
    (said,) = recover(UnfinishedCases(tmp_path / "collecting", "small"), tmp_path / "cases")
    assert "is lost" in said
    assert "there is no such recording" in said
