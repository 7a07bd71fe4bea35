"""What a killed console had open, made into cases out of its recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.dataset.building import cutting
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.collecting.notes import Note, Notes, OpenStretch
    from distdiag_core.metrics.frame import Window
    from distdiag_core.recording.events import Event

# A case of less than this is none.
_SHORTEST_S = 10.0
_KILLED = "the console was killed before it was over"


def recover(notes: Notes, into: Path) -> Iterator[str]:
    """Write to `into` what killed consoles had open; yields what became of each, in plain words.

    Normal life is kept as far as it goes; a case with an anomaly is marked as excluded.
    """
    for path, note in notes.left_behind():
        for stretch in note.stretches:
            try:
                yield _recovered(stretch, note, into)
            except DistdiagError as error:
                yield f"{stretch.name} was being collected by a console that was killed, and is lost: {error}"
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"cannot be removed: {error.strerror or error}", where=str(path)) from error


def _recovered(stretch: OpenStretch, note: Note, into: Path) -> str:
    if case_directory.is_case(into / stretch.name):
        return f"{stretch.name} is in the dataset; its console was killed right after"
    if not note.recording:
        raise DataError("there is no recording of it")
    with Recording(Path(note.recording)) as recording:
        window = recording.window(stretch.start_s)
        if not len(window):
            raise DataError("nothing of it was recorded", where=note.recording)
        period_s = recording.meta.interval_s
        events = recording.events(stretch.start_s)
    if stretch.asked_s is None:
        # What somebody else began in the last seconds was not known yet; and the note may be older than an event.
        end_s = min([float(window.times_s[-1]), *map(_changed_s, filter(_is_change, events))])
        window = cutting.stretch(window, stretch.start_s, end_s - KNOWN_LATE_S)
    if not len(window) or window.times_s[-1] - stretch.start_s < _SHORTEST_S:
        raise DataError("too little of it was recorded", where=note.recording)
    case = _case(stretch, note, window, period_s)
    case_directory.write(case, into)
    kept = "it is in the dataset, excluded from training" if case.excluded else "it is kept as far as it went"
    return f"{case.name} was being collected by a console that was killed; {kept}"


def _is_change(event: Event) -> bool:
    """Whether what comes after it may not be normal."""
    return event.kind in ("injection", "workload") or (event.kind == "node" and event.level != "info")


def _changed_s(event: Event) -> float:
    injection = event.data.get("injection", {})
    return min(event.time_s, float(injection.get("started_s", event.time_s)))


def _case(stretch: OpenStretch, note: Note, window: Window, period_s: float) -> Case:
    last_s = float(window.times_s[-1])
    known = tuple(
        Label(each.anomaly, each.node, each.start_s, min(last_s, each.deadline_s), each.severity)
        for each in stretch.labels
        if each.start_s <= min(last_s, each.deadline_s)
    )
    return Case(
        stretch.name,
        window,
        period_s,
        known,
        () if stretch.asked_s is None else ((stretch.start_s, stretch.asked_s),),
        stretch.group,
        f"collected on cluster {note.cluster}, recovered from {Path(note.recording).name}",
        stretch.load,
        excluded=None if stretch.asked_s is None else _KILLED,
    )
