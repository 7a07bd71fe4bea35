"""What the journal is told of the diagnosis."""

from __future__ import annotations

import json

from distdiag_core.anomalies import catalogue
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.live_diagnosis import note_diagnosis_change

CATALOGUE = catalogue.load()


def verdict(*, anomalous: bool, node: str = "n2", confidence: float = 0.9) -> Diagnosis:
    return Diagnosis(0.0, anomalous, (RootCause(1, node, "cpu_stress", confidence, 1.0, confidence),))


def told(*verdicts: Diagnosis) -> list[str]:
    journal = Journal()
    before = None
    for each in verdicts:
        note_diagnosis_change(journal, CATALOGUE, before, each)
        before = each
    return [event.text for event in reversed(journal.newest_first())]


def test_only_a_change_of_mind_is_told() -> None:
    trouble = verdict(anomalous=True)

    texts = told(verdict(anomalous=False), trouble, trouble, verdict(anomalous=True, confidence=0.99))

    assert texts == ["CPU stress on n2 is the likeliest root cause, confidence 0.90"]


def test_another_cause_and_the_end_are_told() -> None:
    texts = told(verdict(anomalous=True), verdict(anomalous=True, node="n3"), verdict(anomalous=False))

    assert [text.split(" is ")[0] for text in texts[:2]] == ["CPU stress on n2", "CPU stress on n3"]
    assert texts[2] == "no anomaly any more"


def test_the_event_carries_the_evidence_in_types_of_json() -> None:
    evidence = (Evidence("host.cpu.usage", 6.1, 31.0, 99.0, 28.0), Evidence("host.load.1", float("nan"), None, 9.0))
    cause = RootCause(1, "n2", "cpu_stress", 0.9, 1.0, 0.9, evidence=evidence)
    journal = Journal()

    note_diagnosis_change(journal, CATALOGUE, None, Diagnosis(0.0, anomalous=True, root_causes=(cause,)))

    told = json.loads(json.dumps(journal.newest_first()[0].data["evidence"], allow_nan=False))
    assert [(each["metric"], each["sigma"], each["before"], each["now"]) for each in told] == [
        ("host.cpu.usage", 6.1, 31.0, 99.0),
        ("host.load.1", None, None, 9.0),
    ]


def test_the_journal_keeps_the_newest() -> None:
    kept: list[str] = []
    journal = Journal(lambda event: kept.append(event.text))

    for number in range(300):
        journal.note("action", str(number))

    assert [event.text for event in journal.newest_first()[:2]] == ["299", "298"]
    assert len(journal.newest_first()) == 200
    assert len(kept) == 300
