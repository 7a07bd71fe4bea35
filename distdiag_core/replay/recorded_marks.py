"""What was injected and what was diagnosed over hours and days, from all recordings of a cluster that reach into it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.errors import DataError
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.recording.reader import Recording
from distdiag_core.replay.recorded_states import RecordedStates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# An injection lasts no longer than a day: of one that goes on from before, the begin is found.
_LONGEST_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An injection on a node, or a root cause of an incident, from `start_s` to `end_s` by the wall clock."""

    kind: Literal["injected", "diagnosed"]
    node: str
    anomaly: str
    start_s: float
    end_s: float


def read(paths: tuple[Path, ...], span_s: tuple[float, float]) -> tuple[Mark, ...]:
    """The marks that reach into a span of the wall clock; a recording that cannot be read has none. Blocks."""
    found: list[Mark] = []
    for path in paths:
        # What could not be read is named with the metric.
        with suppress(DataError), Recording(path) as recording:
            known = recording.span()
            if known is not None and known[1] >= span_s[0] - _LONGEST_S and known[0] <= span_s[1] + _LONGEST_S:
                found += _of_recording(recording, known[1], span_s)
    return tuple(each for each in found if each.start_s <= span_s[1] and each.end_s >= span_s[0])


def _of_recording(recording: Recording, last_s: float, span_s: tuple[float, float]) -> Iterator[Mark]:
    events = recording.events(span_s[0] - _LONGEST_S, span_s[1] + _LONGEST_S)
    ends_s: dict[str, float] = {}
    injections = {}
    for changed_s, each in RecordedStates.of(events, str(recording.path)).injections:
        injections[each.id] = each
        if each.state is InjectionState.CLEARED:
            ends_s.setdefault(each.id, changed_s)

    def mark(kind: Literal["injected", "diagnosed"], node: str, anomaly: str, start_s: float, end_s: float) -> Mark:
        offset_s = recording.wall_offset_s(start_s)
        return Mark(kind, node, anomaly, start_s + offset_s, end_s + offset_s)

    for each in injections.values():
        end_s = ends_s.get(each.id, min(each.deadline_s, last_s))
        yield mark("injected", each.node, each.anomaly, each.started_s, max(each.started_s, end_s))
    for recorded in incidents_of(recording, whole=False):
        for cause in recorded.incident.causes:
            yield mark("diagnosed", cause.node, cause.anomaly, cause.onset_s, cause.last_s)
