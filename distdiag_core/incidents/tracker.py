"""State machine that joins consecutive diagnoses to incidents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.incidents.incident import (
    Incident,
    IncidentCause,
    LinkedInjection,
    MeanImpact,
    Verdict,
    VerdictCause,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.impact import ClusterImpact
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause

# An incident ends when nothing has been active for so long: what comes back sooner belongs to it.
QUIET_S = 10.0
# Lists are bounded, whatever a diagnosis does that changes its mind at every tick.
_MOST_CAUSES, _MOST_INJECTIONS = 200, 200


@dataclass(frozen=True, slots=True)
class Step:
    """The change of an incident at a tick; `verdict` only where it is a new one."""

    incident: Incident
    verdict: Verdict | None = None


class IncidentTracker:
    """Incidents of one run.

    Attributes:
        current: the incident that goes on; None without one.
    """

    def __init__(self) -> None:
        self.current: Incident | None = None
        self._next_id = 1
        self._verdict: Verdict | None = None

    def on_tick(
        self,
        time_s: float,
        diagnosis: Diagnosis | None,
        injections: Sequence[Injection] = (),
        hits: Mapping[str, bool] | None = None,
    ) -> tuple[Step, ...]:
        """Take in the diagnosis of the tick at `time_s`; what has changed, oldest first.

        Args:
            diagnosis: None where there is none at this tick; an incident ends when none has extended it for `QUIET_S`.
            injections: those on the nodes now.
            hits: by id, whether the diagnosis has named an injection for most of its time so far.
        """
        steps: list[Step] = []
        if self.current is not None and time_s - self.current.last_s > QUIET_S:
            # Also where no tick came for long: nobody knows what was meanwhile.
            steps.append(self._end(time_s, diagnosis, injections, hits or {}))
        active = _active(diagnosis)
        if self.current is None and active:
            self.current = _begun(self._next_id, time_s, active)
            self._next_id += 1
            self._verdict = None
        if self.current is not None and diagnosis is not None:
            steps.append(self._extend(time_s, diagnosis, active, injections, hits or {}))
        return tuple(steps)

    def _extend(
        self,
        time_s: float,
        diagnosis: Diagnosis,
        active: tuple[RootCause, ...],
        injections: Sequence[Injection],
        hits: Mapping[str, bool],
    ) -> Step:
        before = self.current
        assert before is not None  # noqa: S101 - only called with one
        causes = _causes(before.causes, active, time_s)
        self.current = replace(
            before,
            onset_s=min(before.onset_s, *(cause.onset_s for cause in causes)),
            last_s=time_s if active else before.last_s,
            causes=causes,
            impacts=_impacts(before.impacts, diagnosis.impact) if active else before.impacts,
            injections=_linked(before.injections, injections if active else (), hits, time_s),
            note=diagnosis.note,
        )
        return Step(self.current, self._changed(_verdict(time_s, active)))

    def _end(
        self, time_s: float, diagnosis: Diagnosis | None, injections: Sequence[Injection], hits: Mapping[str, bool]
    ) -> Step:
        before = self.current
        assert before is not None  # noqa: S101 - only called with one
        linked = _linked(before.injections, (), hits, time_s)
        ended = replace(
            before, ended_s=time_s, injections=linked, note=diagnosis.note if diagnosis is not None else before.note
        )
        self.current = None
        return Step(ended, self._changed(Verdict(time_s, ())))

    def _changed(self, verdict: Verdict) -> Verdict | None:
        if self._verdict is not None and self._verdict.like(verdict):
            return None
        self._verdict = verdict
        return verdict


def _active(diagnosis: Diagnosis | None) -> tuple[RootCause, ...]:
    """The root causes that are active, ranked."""
    if diagnosis is None or not diagnosis.anomalous:
        return ()
    return tuple(cause for cause in diagnosis.root_causes if cause.onset_s is not None)


def _begun(number: int, time_s: float, active: Iterable[RootCause]) -> Incident:
    return Incident(number, min(_onset_s(cause, time_s) for cause in active), time_s, time_s)


def _onset_s(cause: RootCause, time_s: float) -> float:
    """The estimated onset, which lies in the past."""
    return time_s if cause.onset_s is None else min(cause.onset_s, time_s)


def _verdict(time_s: float, active: Iterable[RootCause]) -> Verdict:
    causes = (VerdictCause(each.node, each.anomaly, each.confidence, each.importance) for each in active)
    return Verdict(time_s, tuple(causes))


def _causes(known: tuple[IncidentCause, ...], active: Iterable[RootCause], time_s: float) -> tuple[IncidentCause, ...]:
    found = {cause.place: cause for cause in known}
    for each in active:
        place = each.node, each.anomaly
        onset_s = _onset_s(each, time_s)
        before = found.get(place)
        if before is None:
            found[place] = IncidentCause(
                *place, onset_s, time_s, time_s, each.confidence, each.confidence, each.evidence
            )
            continue
        clearest = each.confidence > before.highest
        found[place] = replace(
            before,
            last_s=time_s,
            confidence=each.confidence,
            highest=max(before.highest, each.confidence),
            evidence=each.evidence if clearest else before.evidence,
        )
    return tuple(found.values())[:_MOST_CAUSES]


def _impacts(known: tuple[MeanImpact, ...], impact: ClusterImpact | None) -> tuple[MeanImpact, ...]:
    if impact is None:
        return known
    found = {each.node: each for each in known}
    for node, of_node in {"": impact.whole, **impact.nodes}.items():
        found[node] = found.get(node, MeanImpact(node)).joined(of_node)
    return tuple(found.values())


def _linked(
    known: tuple[LinkedInjection, ...], now: Iterable[Injection], hits: Mapping[str, bool], time_s: float
) -> tuple[LinkedInjection, ...]:
    """The injections of an incident: those before, and those that are on the nodes while something is active."""
    found = {each.id: replace(each, hit=hits.get(each.id, each.hit)) for each in known}
    for each in now:
        linked = found.get(each.id) or LinkedInjection(
            each.id, each.anomaly, each.node, each.severity, each.started_s, time_s
        )
        found[each.id] = replace(linked, last_s=time_s, hit=hits.get(each.id, linked.hit))
    return tuple(found.values())[:_MOST_INJECTIONS]
