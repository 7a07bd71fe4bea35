"""What was injected and what was diagnosed over hours and days, from all recordings of a cluster that reach into it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import DataError
from distdiag_core.incidents.anomaly_mark import AnomalyMark
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.recording.reader import Recording
from distdiag_core.replay.recorded_states import RecordedStates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from distdiag_core.incidents.incident import Incident

# An injection lasts no longer than a day: of one that goes on from before, the begin is found.
_LONGEST_S = 86_400.0


def read(paths: tuple[Path, ...], span_s: tuple[float, float]) -> tuple[AnomalyMark, ...]:
    """The marks that reach into a span, both by the wall clock; a recording that cannot be read has none. Blocks."""
    found: list[AnomalyMark] = []
    for path in paths:
        # What could not be read is named with the metric.
        with suppress(DataError), Recording(path) as recording:
            known = recording.span()
            if known is not None and known[1] >= span_s[0] - _LONGEST_S and known[0] <= span_s[1] + _LONGEST_S:
                found += _of_recording(recording, known[1], span_s)
    return tuple(each for each in found if each.start_s <= span_s[1] and each.end_s >= span_s[0])


def _of_recording(recording: Recording, last_s: float, span_s: tuple[float, float]) -> Iterator[AnomalyMark]:
    events = recording.events(span_s[0] - _LONGEST_S, span_s[1] + _LONGEST_S)
    incidents = (each.incident for each in incidents_of(recording, whole=False))
    for each in marks_until(last_s, RecordedStates.of(events, str(recording.path)), incidents):
        offset_s = recording.wall_offset_s(each.start_s)
        yield replace(each, start_s=each.start_s + offset_s, end_s=each.end_s + offset_s)


def marks_until(time_s: float, states: RecordedStates, incidents: Iterable[Incident]) -> Iterator[AnomalyMark]:
    """What a recording tells of injections and root causes up to a time, on the clock of its run."""
    ends_s: dict[str, float] = {}
    injections = {}
    for changed_s, each in states.injections:
        if changed_s > time_s:
            continue
        injections[each.id] = each
        if each.state is InjectionState.CLEARED:
            ends_s.setdefault(each.id, changed_s)
    for each in injections.values():
        end_s = ends_s.get(each.id, min(each.deadline_s, time_s))
        yield AnomalyMark("injected", each.node, each.anomaly, each.started_s, max(each.started_s, end_s))
    for incident in incidents:
        for cause in incident.causes:
            if cause.joined_s <= time_s:
                yield AnomalyMark("diagnosed", cause.node, cause.anomaly, cause.onset_s, min(cause.last_s, time_s))
