"""Marks of where an anomaly was injected into a node, or diagnosed on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.incidents.anomaly_mark import AnomalyMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.runtime.snapshot import Snapshot

# As in `view_state`: from here on a root cause is taken as real.
_SUSPECT = 0.5
# A diagnosis that comes back so soon has not been away.
_JOINED_S = 10.0
_KEPT_S = 3600.0
_MOST = 500


def current(snapshot: Snapshot) -> tuple[AnomalyMark, ...]:
    """What is injected or diagnosed now, was so in the incident that goes on, or is marked in a recording."""
    now_s = snapshot.frame.time_s
    injected = (
        AnomalyMark("injected", each.node, each.anomaly, each.started_s, now_s)
        for each in snapshot.injections
        if each.started_s <= now_s
    )
    causes = snapshot.incident.causes if snapshot.incident else ()
    in_incident = (AnomalyMark("diagnosed", each.node, each.anomaly, each.onset_s, each.last_s) for each in causes)
    return tuple(joined([*injected, *in_incident, *snapshot.marks, *_diagnosed(snapshot)]))


def _diagnosed(snapshot: Snapshot) -> Iterator[AnomalyMark]:
    diagnosis = snapshot.diagnosis
    if diagnosis is None or not diagnosis.anomalous:
        return
    for cause in diagnosis.root_causes:
        if cause.confidence >= _SUSPECT:
            start_s = diagnosis.time_s if cause.onset_s is None else cause.onset_s
            yield AnomalyMark("diagnosed", cause.node, cause.anomaly, start_s, snapshot.frame.time_s)


def joined(found: Iterable[AnomalyMark]) -> list[AnomalyMark]:
    """With marks of the same trouble made one."""
    kept: list[AnomalyMark] = []
    for each in sorted(found, key=lambda mark: mark.start_s):
        at = next((at for at, other in enumerate(kept) if _continues(each, other)), None)
        if at is None:
            kept.append(each)
        else:
            kept[at] = replace(kept[at], end_s=max(kept[at].end_s, each.end_s))
    return kept


def _continues(mark: AnomalyMark, other: AnomalyMark) -> bool:
    """Whether a mark is the same trouble as an earlier or current one."""
    same = (mark.kind, mark.node, mark.anomaly) == (other.kind, other.node, other.anomaly)
    return same and mark.start_s <= other.end_s + _JOINED_S and other.start_s <= mark.end_s + _JOINED_S


def remember(past: tuple[AnomalyMark, ...], snapshot: Snapshot) -> tuple[AnomalyMark, ...]:
    """What is remembered after one tick more: of the newest hour, and of each trouble the whole of it."""
    now_s = snapshot.frame.time_s
    since_s = now_s - _KEPT_S
    # A replay that goes back has seen what is not yet known at its tick.
    found = joined([*(each for each in past if each.start_s <= now_s), *current(snapshot)])
    return tuple(each for each in found if each.end_s >= since_s)[-_MOST:]
