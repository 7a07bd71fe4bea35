"""Stretches of time in which an anomaly was injected into a node, or diagnosed on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.runtime.snapshot import Snapshot

# As in `view_state`: from here on a root cause is taken as real.
_SUSPECT = 0.5
# A diagnosis that comes back so soon has not been away.
_JOINED_S = 10.0
_KEPT_S = 3600.0
_MOST = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """An anomaly on a node, from `start_s` to `end_s`, seconds since the epoch on the clock of the run."""

    kind: Literal["injected", "diagnosed"]
    node: str
    anomaly: str
    start_s: float
    end_s: float

    def continues(self, other: Stretch) -> bool:
        """Whether this is the same trouble as the earlier or current `other`."""
        same = (self.kind, self.node, self.anomaly) == (other.kind, other.node, other.anomaly)
        return same and self.start_s <= other.end_s + _JOINED_S and other.start_s <= self.end_s + _JOINED_S


def current(snapshot: Snapshot) -> tuple[Stretch, ...]:
    """What is injected or diagnosed now, was so in the incident that goes on, or is marked in a recording."""
    now_s = snapshot.frame.time_s
    injected = (
        Stretch("injected", each.node, each.anomaly, each.started_s, now_s)
        for each in snapshot.injections
        if each.started_s <= now_s
    )
    causes = snapshot.incident.causes if snapshot.incident else ()
    in_incident = (Stretch("diagnosed", each.node, each.anomaly, each.onset_s, each.last_s) for each in causes)
    recorded = (Stretch(each.kind, each.node, each.anomaly, each.start_s, each.end_s) for each in snapshot.marks)
    return tuple(joined([*injected, *in_incident, *recorded, *_diagnosed(snapshot)]))


def _diagnosed(snapshot: Snapshot) -> Iterator[Stretch]:
    diagnosis = snapshot.diagnosis
    if diagnosis is None or not diagnosis.anomalous:
        return
    for cause in diagnosis.root_causes:
        if cause.confidence >= _SUSPECT:
            start_s = diagnosis.time_s if cause.onset_s is None else cause.onset_s
            yield Stretch("diagnosed", cause.node, cause.anomaly, start_s, snapshot.frame.time_s)


def joined(found: Iterable[Stretch]) -> list[Stretch]:
    """With stretches of the same trouble made one."""
    kept: list[Stretch] = []
    for each in sorted(found, key=lambda stretch: stretch.start_s):
        at = next((at for at, other in enumerate(kept) if each.continues(other)), None)
        if at is None:
            kept.append(each)
        else:
            kept[at] = replace(kept[at], end_s=max(kept[at].end_s, each.end_s))
    return kept


def remember(past: tuple[Stretch, ...], snapshot: Snapshot) -> tuple[Stretch, ...]:
    """What is remembered after one tick more: of the newest hour, and of each trouble the whole of it."""
    now_s = snapshot.frame.time_s
    since_s = now_s - _KEPT_S
    # A replay that goes back has seen what is not yet known at its tick.
    found = joined([*(each for each in past if each.start_s <= now_s), *current(snapshot)])
    return tuple(each for each in found if each.end_s >= since_s)[-_MOST:]
