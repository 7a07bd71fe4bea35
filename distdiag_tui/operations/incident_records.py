"""The incidents of the recording that is being written: read them, note something on one, write its report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.cluster import operator
from distdiag_core.errors import DataError
from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.errors import DistdiagError
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_tui.console.console import Console

    Incidents = tuple[RecordedIncident, ...]


def recording_path(console: Console) -> Path | None:
    """The recording that is being written; None where nothing is."""
    recording = console.view.snapshot.recording if console.view is not None else None
    return Path(recording.path) if recording is not None else None


def read_incidents(
    console: Console, owner: MessagePump, done: Callable[[Incidents], None], failed: Callable[[DistdiagError], None]
) -> bool:
    """Read the incidents of the recording in the background; False where nothing is recorded."""
    path = recording_path(console)
    if path is None:
        return False
    operation = Operation["Incidents"](
        "incidents", "reading the incidents", done, failed, while_running="replace", owner=owner
    )
    console.run_in_background(operation, lambda: asyncio.to_thread(_read, path))
    return True


def write_note(console: Console, number: int, text: str, done: Callable[[], None]) -> None:
    """Note something on an incident of the recording."""
    path, view = recording_path(console), console.view
    if path is None or view is None:
        console.report("nothing is recorded, so that a note would be lost", "warning")
        return
    if not text.strip():
        console.report("the note is empty, and is not written", "warning")
        return
    # Not at the start of the program: the first paint would wait for SQLite.
    from distdiag_core.recording.stored_incidents import IncidentNote, add_note

    note = IncidentNote(view.wall_s(console.now_s), operator.account(), text)
    operation = Operation[Any]("incident note", "writing the note", lambda _: done(), while_running="beside")
    console.run_in_background(operation, lambda: asyncio.to_thread(add_note, path, number, note))


def write_report(console: Console, number: int) -> None:
    """Write the report of an incident in Markdown with charts, in the state directory; one from before is replaced."""
    path = recording_path(console)
    if path is None:
        console.report("nothing is recorded, so that there is nothing to report from", "warning")
        return
    operation = Operation[Path]("incident report", "writing the report", lambda out: console.report(f"wrote {out}"))
    console.run_in_background(
        operation, lambda: asyncio.to_thread(_write_report, path, number, console.runtime.anomalies)
    )


# The console imports this before its first paint, which takes longer with what the files of incidents import.


def _read(path: Path) -> Incidents:
    from distdiag_core.incidents import incident_files
    from distdiag_core.recording.reader import Recording

    with Recording(path) as recording:
        return incident_files.incidents_of(recording)


def _write_report(path: Path, number: int, anomalies: AnomalyCatalogue) -> Path:
    """Where the report was written.

    Raises:
        DataError: the recording is damaged or lacks the incident, or the report cannot be written.
    """
    from distdiag_core.incidents import incident_files, report_files
    from distdiag_core.recording.reader import Recording

    out = places.state_dir() / "reports" / f"{path.stem}-incident-{number}.md"
    with Recording(path) as recording:
        found = next((each for each in incident_files.incidents_of(recording) if each.incident.id == number), None)
        if found is None:
            raise DataError(f"does not hold incident {number} yet", where=str(path), hint="try again in a second")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"the report cannot be written: {error.strerror}", where=str(out)) from error
        report_files.write(found, recording, anomalies, out)
    return out
