"""Tells when the diagnosis changes its mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.recording.journal import Journal


def tell_verdict(journal: Journal, anomalies: AnomalyCatalogue, before: Diagnosis | None, now: Diagnosis) -> None:
    """Note that trouble began, that it ended, or that another root cause is the likeliest; else nothing."""
    first = _first(now)
    if _named(first) == _named(_first(before)):
        return
    if first is None:
        journal.note("diagnosis", "no anomaly any more", anomalous=False)
        return
    label = anomalies.label(first.anomaly)
    text = f"{label} on {first.node} is the likeliest root cause, confidence {first.confidence:.2f}"
    facts = {"anomalous": True, "anomaly": first.anomaly, "confidence": first.confidence}
    journal.note("diagnosis", text, level="warning", node=first.node, **facts)


def _first(diagnosis: Diagnosis | None) -> RootCause | None:
    if diagnosis is None or not diagnosis.anomalous or not diagnosis.root_causes:
        return None
    return diagnosis.root_causes[0]


def _named(cause: RootCause | None) -> tuple[str, str] | None:
    return None if cause is None else (cause.node, cause.anomaly)
