"""Diagnoses as the verb `diagnose` prints them, as text and as JSON."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY, UNKNOWN_ANOMALY_LABEL
from distdiag_core.cli.output import emit, put
from distdiag_core.metrics import clock
from distdiag_core.metrics.figures import change, figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.runtime.snapshot import Snapshot

# Root causes in the text of a diagnosis, and metrics of each.
_SHOWN = 3
_METRICS_SHOWN = 3


class DiagnosisPrinter:
    """Printer of diagnoses, as text or as JSON; metrics are labelled as in `metrics`."""

    def __init__(self, metrics: MetricCatalogue, *, as_json: bool) -> None:
        from distdiag_core.anomalies import advice_catalogue

        self._metrics, self._as_json = metrics, as_json
        self._advice = {} if as_json else advice_catalogue.load()

    def put(self, diagnosis: Diagnosis, case: str | None = None, *, snapshot: Snapshot | None = None) -> None:
        """Print one diagnosis, of the recorded case of this name or of the cluster in this snapshot."""
        if self._as_json:
            emit(diagnosis_facts(diagnosis, case) | (course_facts(snapshot) if snapshot is not None else {}))
            return
        where = case or _clock(diagnosis.time_s)
        verdict = "anomalous" if diagnosis.anomalous else "normal"
        followed = f"  {snapshot.validation}" if snapshot is not None and snapshot.validation.total else ""
        put(f"{where}  {verdict}{f'  ({diagnosis.note})' if diagnosis.note else ''}{followed}")
        if diagnosis.load_changes:
            put(f"  load change on {', '.join(diagnosis.load_changes)}")
        if not diagnosis.anomalous:
            return
        if diagnosis.impact is not None:
            put(f"  cluster impact: {diagnosis.impact.whole}")
        for cause in diagnosis.root_causes[:_SHOWN]:
            evidence = cause.reason or ", ".join(map(self._evidence, cause.evidence[:_METRICS_SHOWN]))
            kind = UNKNOWN_ANOMALY_LABEL if cause.anomaly == UNKNOWN_ANOMALY else cause.anomaly
            put(
                f"  {cause.rank}  {cause.node:<10} {kind:<16} confidence {cause.confidence:.2f}  "
                f"influence {cause.influence:.2f}  node impact {_impact(cause):<24}  {evidence}"
            )
            for line in self._details(cause) if cause.rank == 1 else ():
                put(f"     {line}")

    def _evidence(self, evidence: Evidence) -> str:
        unit = metric.unit if (metric := self._metrics.get(evidence.metric)) else ""
        peers = "" if evidence.peers is None else f" (peers {figure(evidence.peers, unit)})"
        return f"{self._label(evidence.metric)} {change(evidence.before, evidence.now, unit)}{peers}"

    def _details(self, cause: RootCause) -> Iterator[str]:
        """What is printed of the first root cause alone."""
        order = [
            f"{self._label(each.metric)} {_clock(each.onset_s)}" for each in cause.by_onset if each.onset_s is not None
        ]
        if order:
            yield f"first: {', then '.join(order[:_METRICS_SHOWN])}"
        if (other := cause.alternative) is not None:
            looks = f"looks like {cause.anomaly} or" if cause.ambiguous else "or"
            apart = ", ".join(map(self._label, other.distinguishing_metrics))
            tell = f"; they differ most in {apart}" if apart else ""
            yield f"{looks} {other.anomaly}, confidence {other.confidence:.2f}{tell}"
        if (advice := self._advice.get(cause.anomaly)) is not None:
            yield f"advice: {advice.first} (`distdiag advice {cause.anomaly}`)"

    def _label(self, name: str) -> str:
        metric = self._metrics.get(name)
        return metric.label if metric else name


def _clock(time_s: float) -> str:
    """A time of the run by the wall clock."""
    return time.strftime("%H:%M:%S", time.localtime(time_s + clock.offset_s()))


def _impact(cause: RootCause) -> str:
    """The impact in words; what is not active costs nothing."""
    if cause.onset_s is None:
        return "-"
    return str(cause.impact) if cause.impact else "unknown"


def diagnosis_facts(diagnosis: Diagnosis, case: str | None = None) -> dict[str, Any]:
    """A diagnosis in types of JSON, of the recorded case of this name if it is one."""
    causes = []
    for cause in diagnosis.root_causes:
        facts = asdict(cause)
        facts["onset"] = facts.pop("onset_s")
        facts["ambiguous"] = cause.ambiguous
        causes.append(facts | {"impact": cause.impact and cause.impact.as_dict()})
    facts = {"time": diagnosis.time_s, "case": case, "anomalous": diagnosis.anomalous, "root_causes": causes}
    facts["load_changes"] = list(diagnosis.load_changes)
    return facts | {"note": diagnosis.note, "impact": diagnosis.impact and diagnosis.impact.as_dict()}


def course_facts(snapshot: Snapshot) -> dict[str, Any]:
    """The incident that goes on, and the hits and misses so far."""
    incident, validation = snapshot.incident, snapshot.validation
    began = incident and {"id": incident.id, "onset": incident.onset_s, "nodes": incident.nodes}
    return {"incident": began, "validated": asdict(validation)}
