"""What the journal is told of the diagnosis."""

from __future__ import annotations

import json

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.incident_journal import IncidentJournal

CATALOGUE = catalogue.load()


def ill(time_s: float, node: str = "n2", anomaly: str = "cpu_stress") -> Diagnosis:
    return Diagnosis(time_s, anomalous=True, root_causes=(RootCause(1, node, anomaly, 0.9, 1.0, 0.9, 5.0),))


def calm(time_s: float, *load: str) -> Diagnosis:
    return Diagnosis(time_s, anomalous=False, load_changes=load)


def told(*diagnoses: Diagnosis) -> list[tuple[str, str]]:
    journal = Journal()
    incidents = IncidentJournal(journal, CATALOGUE)
    for each in diagnoses:
        incidents.on_diagnosis(each)
    return [(event.level, event.text) for event in reversed(journal.newest_first())]


def test_an_incident_is_one_alarm_with_its_end() -> None:
    found = told(*map(calm, range(10)), *map(ill, range(10, 40)), *map(calm, range(40, 60)))
    assert found == [
        ("warning", "CPU stress on n2 is the likeliest root cause, confidence 0.90"),
        ("info", "no anomaly any more; the last one took 34 s"),
    ]


def test_what_comes_back_at_once_is_the_same_incident() -> None:
    found = told(ill(10), calm(11), calm(15), ill(16), ill(17), *map(calm, range(18, 40)), ill(50))
    assert [level for level, _ in found] == ["warning", "info", "warning"]


def test_another_cause_within_an_incident_is_no_alarm() -> None:
    unknown = (ill(time_s, anomaly=UNKNOWN_ANOMALY) for time_s in range(11, 17))
    found = told(ill(10), *unknown, *(ill(time_s, "n3") for time_s in range(17, 30)))
    assert found[1:] == [
        ("info", "something of no known kind on n2 is now the likeliest root cause, confidence 0.90"),
        ("info", "CPU stress on n3 is now the likeliest root cause, confidence 0.90"),
    ]


def test_nodes_that_take_turns_as_the_first_are_no_news() -> None:
    turns = (ill(time_s, f"n{time_s // 4 % 3 + 1}") for time_s in range(10, 100))
    assert [level for level, _ in told(*turns)] == ["warning"]


def test_a_change_of_load_is_said_once_and_calmly() -> None:
    found = told(*(calm(time_s, "n1", "n2") for time_s in range(20)), *map(calm, range(20, 100)), calm(100, "n1"))
    assert [level for level, _ in found] == ["info", "info"]
    assert found[0][1].startswith("load change on n1, n2")


def test_the_event_carries_the_evidence_in_types_of_json() -> None:
    evidence = (Evidence("host.cpu.usage", 6.1, 31.0, 99.0, 28.0), Evidence("host.load.1", float("nan"), None, 9.0))
    cause = RootCause(1, "n2", "cpu_stress", 0.9, 1.0, 0.9, evidence=evidence)
    journal = Journal()

    IncidentJournal(journal, CATALOGUE).on_diagnosis(Diagnosis(0.0, anomalous=True, root_causes=(cause,)))

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
