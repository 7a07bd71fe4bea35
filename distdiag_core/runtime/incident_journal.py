"""Incidents in the journal: one alarm when an anomaly begins, what changes meanwhile, and its end."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.incidents.tracker import QUIET_S

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.recording.events import Level
    from distdiag_core.recording.journal import Journal

# How long a change of load is not told again.
_LOAD_TOLD_S = 60.0
# Nodes that suffer alike take turns as the first; another cause is news once it stays first so long.
_STEADY_S = 5.0
_NODES_TOLD = 5


class IncidentJournal:
    """Writes what changes from diagnosis to diagnosis: an alarm per incident, and calm notes."""

    def __init__(self, journal: Journal, anomalies: AnomalyCatalogue) -> None:
        self._journal, self._anomalies = journal, anomalies
        self._began_s: float | None = None
        self._anomalous_s = 0.0
        self._named: tuple[str, str] | None = None
        self._other: tuple[str, str] | None = None
        self._other_since_s = 0.0
        self._load_told_s = float("-inf")

    def on_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Take in the diagnosis of a tick."""
        # Also where no tick came for long: nobody knows what was meanwhile.
        if self._began_s is not None and diagnosis.time_s - self._anomalous_s > QUIET_S:
            self._note_end(self._began_s)
        if diagnosis.anomalous and diagnosis.root_causes:
            self._anomalous_s = diagnosis.time_s
            self._note_cause(diagnosis.root_causes[0], diagnosis.time_s)
        if diagnosis.load_changes:
            self._note_load(diagnosis)

    def _note_cause(self, first: RootCause, time_s: float) -> None:
        begins = self._began_s is None
        if not begins and not self._is_news((first.node, first.anomaly), time_s):
            return
        if self._began_s is None:
            self._began_s = first.onset_s if first.onset_s is not None else time_s
        self._named, self._other = (first.node, first.anomaly), None
        verb = "is" if begins else "is now"
        text = f"{self._cause(first)} {verb} the likeliest root cause, confidence {first.confidence:.2f}"
        impact = first.impact and f"node impact {first.impact}"
        for more in filter(None, (first.reason, impact)):
            text = f"{text}, {more}"
        facts: dict[str, Any] = {"anomalous": True, "anomaly": first.anomaly, "confidence": first.confidence}
        facts |= {"start": self._began_s, "impact": first.impact and first.impact.as_dict()}
        level: Level = "warning" if begins else "info"
        self._journal.note("diagnosis", text, level=level, node=first.node, **facts, evidence=_evidence(first))

    def _is_news(self, named: tuple[str, str], time_s: float) -> bool:
        """Whether another cause than the one that was named has been first for a while."""
        if named == self._named:
            self._other = None
            return False
        if named != self._other:
            self._other, self._other_since_s = named, time_s
        return time_s - self._other_since_s >= _STEADY_S

    def _cause(self, cause: RootCause) -> str:
        if cause.anomaly == UNKNOWN_ANOMALY:
            return f"something of no known kind on {cause.node}"
        return f"{self._anomalies.label(cause.anomaly)} on {cause.node}"

    def _note_end(self, began_s: float) -> None:
        took_s = max(0.0, self._anomalous_s - began_s)
        text = f"no anomaly any more; the last one took {took_s:.0f} s"
        self._journal.note("diagnosis", text, anomalous=False, start=began_s, end=self._anomalous_s)
        self._began_s = self._named = self._other = None

    def _note_load(self, diagnosis: Diagnosis) -> None:
        if diagnosis.time_s - self._load_told_s >= _LOAD_TOLD_S:
            nodes = ", ".join(diagnosis.load_changes[:_NODES_TOLD])
            if (more := len(diagnosis.load_changes) - _NODES_TOLD) > 0:
                nodes = f"{nodes} and {more} more"
            text = f"load change on {nodes}: throughput has changed and the service has not, no anomaly"
            self._journal.note("diagnosis", text, load_change=True)
        self._load_told_s = diagnosis.time_s


def _evidence(cause: RootCause) -> list[dict[str, str | float | None]]:
    """Facts of the evidence, without NaN, which JSON does not carry."""
    return [
        {key: value if value == value else None for key, value in asdict(each).items()}  # noqa: PLR0124 - not NaN
        for each in cause.evidence
    ]
