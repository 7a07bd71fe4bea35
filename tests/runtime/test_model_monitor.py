"""Injections that the diagnosis keeps missing lead to one proposal to train anew."""

from __future__ import annotations

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
from distdiag_core.incidents.validation import Validation, validation_of
from distdiag_core.models.model_registry import ModelStatus
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.model_monitor import ModelMonitor

ANOMALIES = catalogue.load()
MODEL = ModelStatus("mine", ("cpu_stress",), 0.95)


def _injection(number: int, began_s: float) -> Injection:
    return Injection(f"i{number}", "cpu_stress", "n1", "high", InjectionState.ACTIVE, began_s, began_s + 20, "me")


def _verdict(time_s: float, node: str) -> Diagnosis:
    return Diagnosis(time_s, anomalous=True, root_causes=(RootCause(1, node, "cpu_stress", 0.9, 1.0, 0.9),))


def _proposals(said: str, injections: int) -> list[str]:
    """What is proposed when trouble on n1 is said to be on the node `said`, so many times."""
    journal = Journal()
    troubles = ModelMonitor(journal, ANOMALIES)
    for number in range(injections):
        began_s = 100.0 * number
        injection = _injection(number, began_s)
        for second in range(20):
            troubles.on_tick(_verdict(began_s + second, said), [injection], MODEL)
        troubles.on_tick(_verdict(began_s + 30, said), [], MODEL)
    return [event.text for event in journal.newest_first() if event.data.get("retraining")]


def test_what_is_named_right_leads_to_nothing() -> None:
    assert _proposals("n1", 30) == []


def test_what_is_missed_again_and_again_is_told_once() -> None:
    (text,) = _proposals("n2", 30)
    assert "train anew" in text
    assert "model mine" in text


def test_one_miss_is_none() -> None:
    assert _proposals("n2", 1) == []


def test_an_exchanged_model_begins_with_a_clean_slate() -> None:
    journal = Journal()
    troubles = ModelMonitor(journal, ANOMALIES)
    for number in range(2):
        model = ModelStatus("mine", ("cpu_stress",), 0.95)
        troubles.on_tick(_verdict(100.0 * number + 10, "n2"), [_injection(number, 100.0 * number)], model)
        troubles.on_tick(_verdict(100.0 * number + 30, "n2"), [], model)
    assert not any(event.data.get("retraining") for event in journal.newest_first())
    assert troubles.validation == Validation(0, 1)


def test_hits_and_misses_are_counted_told_and_read_from_the_events() -> None:
    journal = Journal()
    troubles = ModelMonitor(journal, ANOMALIES)
    for number, said in enumerate(("n1", "n1", "n2")):
        began_s = 100.0 * number
        for second in range(20):
            troubles.on_tick(_verdict(began_s + second, said), [_injection(number, began_s)], MODEL)
        assert troubles.hits()[f"i{number}"] is (said == "n1")
        troubles.on_tick(_verdict(began_s + 30, said), [], MODEL)

    assert troubles.validation == Validation(2, 3)
    assert str(troubles.validation) == "2 of 3 injections named"
    assert validation_of(journal.newest_first()) == Validation(2, 3)
    assert journal.newest_first()[0].text == "missed CPU stress on n1; 2 of 3 injections named"


def test_the_reason_to_train_anew_is_with_the_count() -> None:
    journal = Journal()
    troubles = ModelMonitor(journal, ANOMALIES)
    for number in range(10):
        troubles.on_tick(_verdict(100.0 * number + 10, "n2"), [_injection(number, 100.0 * number)], MODEL)
        troubles.on_tick(_verdict(100.0 * number + 30, "n2"), [], MODEL)

    assert "train anew" in troubles.validation.proposal


def test_an_injection_that_was_too_short_to_judge_is_not_counted() -> None:
    troubles = ModelMonitor(Journal(), ANOMALIES)
    for second in range(5):
        troubles.on_tick(_verdict(float(second), "n2"), [_injection(0, 0.0)], MODEL)
    troubles.on_tick(_verdict(30.0, "n2"), [], MODEL)

    assert troubles.validation == Validation(0, 0)
