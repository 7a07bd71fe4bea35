"""The report of an incident as files: Markdown, and a directory of charts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from distdiag_core.errors import DataError
from distdiag_core.incidents import evidence_charts
from distdiag_core.incidents.report import Picture, report

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_core.recording.reader import Recording


def write(recorded: RecordedIncident, recording: Recording, anomalies: AnomalyCatalogue, out: Path) -> tuple[Path, ...]:
    """Write a report to `out` and its charts to the directory `NAME-charts` beside it; the paths of the charts.

    The report is written last and replaces one that is there.

    Raises:
        DataError: the recording is damaged, or the files cannot be written.
    """
    incident = recorded.incident
    window = recording.window(incident.onset_s - evidence_charts.BEFORE_S, incident.last_s + evidence_charts.AFTER_S)
    offset_s = next((frame.clock_offset_s for frame in recording.frames(incident.noticed_s, incident.last_s)), 0.0)
    drawn = tuple(evidence_charts.charts(incident, window, recording.meta.catalogue, anomalies, offset_s))
    directory = out.with_name(f"{out.stem}-charts")
    pictures = [Picture(each.shows, link(directory.name, each.name)) for each in drawn]
    text = report(recorded, recording, anomalies, pictures)
    fresh = out.with_name(f".new-{out.name}")
    try:
        if drawn:
            directory.mkdir(exist_ok=True)
        for each in drawn:
            (directory / each.name).write_text(each.svg, encoding="utf-8")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise DataError(f"the report cannot be written: {error.strerror}", where=str(out)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return tuple(directory / each.name for each in drawn)


def link(directory: str, name: str) -> str:
    """The address of a file in a directory beside a report."""
    return quote(f"{directory}/{name}")
