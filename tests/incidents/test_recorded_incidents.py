"""Incidents are in the recording as they happen, and can be read from it at any time."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies import catalogue
from distdiag_core.errors import DataError
from distdiag_core.incidents.incident_files import RecordedIncident, incident_data, incidents_of, keep_evidence
from distdiag_core.incidents.report import report
from distdiag_core.incidents.tracker import IncidentTracker
from distdiag_core.obdiag.evidence import Finding, ObdiagEvidence
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.stored_incidents import IncidentNote, add_note
from distdiag_core.runtime.live_incidents import LiveIncidents
from distdiag_core.settings import loader
from tests.incidents.conftest import diagnosis, frame, injection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.recording.recorder import Recorder

CPU = ("n2", "cpu_stress")
START_S = 1_800_000_000.0


def record(recorder: Recorder, seconds: range, active: range, incidents: LiveIncidents | None = None) -> LiveIncidents:
    """Ticks of a run whose n2 suffers from CPU stress meanwhile, as it was injected."""
    incidents = incidents or LiveIncidents(recorder)
    for second in seconds:
        time_s, ill = START_S + second, second in active
        recorder.frame(frame(time_s, busy=ill))
        now = diagnosis(time_s, *((CPU,) if ill else ()))
        incidents.on_tick(time_s, now, [injection("7f3a", START_S + 98)] if ill else [], {"7f3a": True})
    return incidents


def read(path: Path) -> tuple[RecordedIncident, ...]:
    with Recording(path) as recording:
        return incidents_of(recording)


@pytest.fixture
def recorded(new_recorder: Callable[[], Recorder]) -> Path:
    """A finished recording with one incident."""
    with new_recorder() as recorder:
        record(recorder, range(40, 160), range(100, 130))
    return recorder.path


def test_a_finished_recording_has_the_whole_incident(recorded: Path) -> None:
    (found,) = read(recorded)

    assert found.incident.onset_s == START_S + 96
    assert found.incident.ended_s is not None
    assert [each.place for each in found.incident.causes] == [CPU]
    assert [(each.id, each.hit) for each in found.incident.injections] == [("7f3a", True)]
    assert [(each.time_s - START_S, len(each.causes)) for each in found.verdicts] == [(100.0, 1), (130.0, 0)]
    assert str(found.incident.impact_on("n2")) == "tps -50 %, latency x3.0"


def test_while_it_goes_on_every_tick_is_there(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        incidents = LiveIncidents(recorder)
        for second in range(100, 105):
            record(recorder, range(second, second + 1), range(100, 200), incidents)
            recorder.flush()
            (found,) = read(recorder.path)
            assert found.incident.last_s == START_S + second
            assert found.incident.ended_s is None


def test_a_note_is_added_also_while_the_run_goes_on(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        incidents = record(recorder, range(100, 105), range(100, 200))
        recorder.flush()
        add_note(recorder.path, 1, IncidentNote(START_S, "ann", "disk\udcff replaced"))
        record(recorder, range(105, 110), range(100, 200), incidents)
    (found,) = read(recorder.path)

    assert found.notes == (IncidentNote(START_S, "ann", "disk\\udcff replaced"),)
    assert found.incident.last_s == START_S + 109


def test_evidence_of_obdiag_is_kept_and_reported(recorded: Path) -> None:
    steps = (Finding("step", "trans | 7 waits\nfor 3"), Finding("critical", "disk full", "disk.disk_full"))
    found = ObdiagEvidence("rca", "lock_conflict", START_S, 12.4, steps, ("kill <3>",), ("ended early",), "t1")
    keep_evidence(recorded, 1, "ann", found)
    keep_evidence(recorded, 1, "ann", replace(found, name="log_error"))

    with Recording(recorded) as recording:
        (incident,) = incidents_of(recording)
        text = report(incident, recording, catalogue.load())

    assert incident.evidence == (found, replace(found, name="log_error"))
    assert "\n## Evidence by obdiag\n\n### rca lock_conflict\n" in text
    assert "\n### rca log_error\n" in text
    assert "- Suggestion: kill \\<3\\>\n" in text
    assert "| step | step | trans \\| 7 waits for 3 |" in text
    assert "Note: ended early." in text


def test_an_earlier_recording_has_no_incidents(recorded: Path) -> None:
    with closing(sqlite3.connect(recorded)) as connection, connection:
        connection.executescript(
            "DROP TABLE incident; DROP TABLE incident_verdict; DROP TABLE incident_note; PRAGMA user_version = 2"
        )
    assert read(recorded) == ()


@pytest.mark.parametrize("data", ["{", "[]", '{"onset_s": 1}', '{"onset_s": "x"}'])
def test_an_incident_that_is_damaged_is_named(recorded: Path, data: str) -> None:
    with closing(sqlite3.connect(recorded)) as connection, connection:
        connection.execute("UPDATE incident SET data = ?", (data,))
    with pytest.raises(DataError, match=recorded.name):
        read(recorded)


@given(st.lists(st.booleans(), min_size=1, max_size=30).filter(any))
def test_what_is_written_is_what_is_read(active: list[bool]) -> None:
    tracker = IncidentTracker()
    for second, ill in enumerate(active):
        now = diagnosis(float(second), *((CPU,) if ill else ()))
        for step in tracker.on_tick(float(second), now, [injection("a", 0.0)], {"a": ill}):
            data = {"id": step.incident.id, **incident_data(step.incident)}
            assert loader.validate(data, type(step.incident), where="here") == step.incident


def test_the_report_has_all_of_it(recorded: Path) -> None:
    add_note(recorded, 1, IncidentNote(START_S, "ann", "a | b\n# not a heading <b>"))
    with Recording(recorded) as recording:
        (found,) = incidents_of(recording)
        text = report(found, recording, catalogue.load())

    assert text.startswith("# Incident 1: CPU stress on n2\n")
    zone = time.strftime("%Z", time.localtime(START_S + 96))
    assert f" {zone} (estimated)\n" in text
    for section in ("Impact on the workload", "Root causes", "Over time", "Evidence", "Injections meanwhile", "Notes"):
        assert f"\n## {section}\n" in text
    assert "| n2 | CPU | 21 % | 97 % | 20 % | 20 % | +6.1 σ |" in text
    assert "| cluster | workload.tps | 200.0 1/s | 150.0 1/s | -25 % |" in text
    assert "| 7f3a | CPU stress | n2 | high |" in text
    assert "a \\| b # not a heading \\<b\\>" in text
