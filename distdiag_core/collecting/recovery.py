"""The recovery of unfinished cases: after a kill they are built from the recording, as a live console builds them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.dataset.building.case_builder import CaseBuilder
from distdiag_core.dataset.building.normal_period import SHORTEST_S
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.collecting.unfinished_cases import Unfinished, UnfinishedCases
    from distdiag_core.dataset.building.case_timeline import CaseTimeline
    from distdiag_core.recording.events import Event

_KILLED = "the console was killed before it was over"


def recover(unfinished: UnfinishedCases, into: Path) -> Iterator[str]:
    """Write the unfinished cases of killed consoles to `into`; yields the result for each, in plain words.

    A normal case is kept up to where it was surely normal; an open case with an anomaly is excluded.
    """
    for path, note in unfinished.left_behind():
        for timeline in note.cases:
            try:
                yield _recovered(timeline, note, into)
            except DistdiagError as error:
                yield f"{timeline.name} was being collected by a console that was killed, and is lost: {error}"
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"cannot be removed: {error.strerror or error}", where=str(path)) from error


def _recovered(timeline: CaseTimeline, note: Unfinished, into: Path) -> str:
    if case_directory.is_case(into / timeline.name):
        return f"{timeline.name} is in the dataset; its console was killed right after"
    if not note.recording:
        raise DataError("there is no recording of it")
    recording = Path(note.recording)
    case = CaseBuilder(recording).build(timeline if timeline.end_s is not None else _ended(timeline, recording))
    case_directory.write(case, into)
    kept = "it is in the dataset, excluded from training" if case.excluded else "it is kept as far as it went"
    return f"{case.name} was being collected by a console that was killed; {kept}"


def _ended(timeline: CaseTimeline, path: Path) -> CaseTimeline:
    """The timeline with the end that the kill has given it."""
    with Recording(path) as recording:
        span = recording.span()
        events = recording.events(timeline.start_s)
    if span is None or span[1] < timeline.start_s:
        raise DataError("nothing of it was recorded", where=str(path))
    if timeline.asked_s is not None:
        ended = timeline.ended(span[1], _KILLED)
    else:
        # What somebody else began in the last seconds was not known yet; and the note may be older than an event.
        changed_s = min([span[1], *map(_changed_s, filter(_is_change, events))])
        ended = timeline.ended(changed_s - KNOWN_LATE_S)
    if ended.end_s is None or ended.end_s - timeline.start_s < SHORTEST_S:
        raise DataError("too little of it was recorded", where=str(path))
    return ended


def _is_change(event: Event) -> bool:
    """Whether what comes after the event may not be normal."""
    return event.kind in ("injection", "workload") or (event.kind == "node" and event.level != "info")


def _changed_s(event: Event) -> float:
    injection = event.data.get("injection")
    started_s = injection.get("started_s") if isinstance(injection, dict) else None
    return min(event.time_s, started_s) if isinstance(started_s, (int, float)) else event.time_s
