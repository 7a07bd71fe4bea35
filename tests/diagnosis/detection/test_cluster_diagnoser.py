"""Diagnosis with and without a model: unknown root causes, pairs, changes of load."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser, combined, of_no_known_kind
from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
from distdiag_core.diagnosis.untrained.untrained_detector import Observation
from distdiag_core.metrics.frame import Window
from tests.diagnosis.untrained.streams import HOST, MORE_LOAD, TROUBLE, multiply, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model

NODES = ("n1", "n2", "n3")


def seen(*ill: str, load: tuple[str, ...] = ()) -> Observation:
    anomalous = np.array([node in ill for node in NODES])
    surprise = anomalous[:, None] * np.array([[9.0, 0.0, -5.0]], dtype=np.float32)
    return Observation(
        100.0, NODES, ("cpu", "io", "tps"), np.where(anomalous, 0.7, 0.1), anomalous, np.where(anomalous, 95.0, np.nan),
        np.array([node in load for node in NODES]), surprise, surprise, np.ones_like(surprise),
        np.log(2 + np.abs(np.sign(surprise))), np.ones(3, dtype=np.float32),
        np.ones(3, dtype=np.bool_),
    )  # fmt: skip


def cause(node: str, anomaly: str, confidence: float, *, active: bool = True) -> RootCause:
    return RootCause(1, node, anomaly, confidence, 1.0, confidence, 90.0 if active else None)


def ticks(diagnoser: ClusterDiagnoser, window: Window) -> list[Diagnosis]:
    return [
        diagnoser.diagnose(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
        for end in range(1, len(window) + 1)
    ]


def test_without_a_model_an_anomaly_is_of_no_known_kind() -> None:
    window = noise(11, ticks=90)
    multiply(window, TROUBLE, (1,), 60, 90)
    found = ticks(ClusterDiagnoser(None, 1.0), window)
    assert "waiting for baseline" in found[5].note
    assert not any(each.anomalous for each in found[:60])
    last = found[75]
    assert last.anomalous
    assert last.note == ""
    (first,) = last.root_causes
    assert (first.rank, first.node, first.anomaly) == (1, "n2", UNKNOWN_ANOMALY)
    assert first.onset_s is not None
    assert len(first.evidence) == 6
    assert first.impact is not None
    assert first.impact.throughput is not None


def with_states(window: Window, sql: np.ndarray) -> Window:
    """The window with states of connections: every host answers, the databases as in `sql`, shape (N, T)."""
    states = np.stack((sql, np.zeros_like(sql)), axis=1).astype(np.float32)
    values = np.concatenate((window.values, states), axis=1)
    return Window(window.times_s, window.nodes, (*window.metrics, "connection.sql", "connection.host"), values)


@pytest.mark.parametrize(
    ("states", "anomaly", "words"),
    [
        ([3] * 30, "node_down", "SQL refused for 29 s, the host answers"),
        ([1] * 3 + [2] * 27, "node_hang", "SQL silent for 29 s, the host answers"),
    ],
)
def test_a_failed_database_is_named_without_a_model_and_its_effects_are_not(
    states: list[int], anomaly: str, words: str
) -> None:
    window = noise(11, ticks=90)
    window.values[1, len(HOST) :, 60:] = np.nan
    multiply(window, {"workload.p95": 3.0}, (0, 2), 60, 90)
    sql = np.zeros((3, 90))
    sql[1, 60:] = states
    found = ticks(ClusterDiagnoser(None, 1.0), with_states(window, sql))
    assert not any(each.anomalous for each in found[:60])
    assert next(at for at, each in enumerate(found) if each.anomalous) <= 65
    assert {(cause.node, cause.anomaly) for each in found for cause in each.root_causes} == {("n2", anomaly)}
    (cause,) = found[-1].root_causes
    assert (cause.reason, cause.onset_s, cause.confidence) == (words, window.times_s[60], 1.0)
    assert [each.metric for each in cause.evidence] == ["connection.sql"]


def test_absent_figures_are_no_failure_of_a_database_that_answers() -> None:
    window = noise(11, ticks=90)
    window.values[1, len(HOST) :, 60:] = np.nan
    found = ticks(ClusterDiagnoser(None, 1.0), with_states(window, np.zeros((3, 90))))
    assert not any(each.anomalous for each in found)


def test_a_change_of_load_is_said_and_no_anomaly() -> None:
    window = noise(12, ticks=80)
    multiply(window, MORE_LOAD, (0, 1, 2), 60, 80)
    found = ticks(ClusterDiagnoser(None, 1.0), window)
    assert any(each.load_changes == NODES for each in found)
    assert not any(each.anomalous for each in found)


def test_a_node_without_an_active_classifier_gets_an_unknown_root_cause() -> None:
    known = Diagnosis(100.0, anomalous=True, root_causes=(cause("n1", "io", 0.9), cause("n2", "io", 0.2, active=False)))
    found = combined(known, seen("n1", "n2"), np.array([False, True, False]))
    assert [(each.rank, each.node, each.anomaly) for each in found.root_causes] == [
        (1, "n1", "io"),
        (2, "n2", UNKNOWN_ANOMALY),
        (3, "n2", "io"),
    ]
    assert [each.metric for each in found.root_causes[1].evidence] == ["cpu", "tps"]
    assert found.root_causes[1].evidence[0].now == pytest.approx(2.0)
    assert found.root_causes[1].evidence[0].peers == pytest.approx(1.449)


def test_where_classifiers_explain_everything_nothing_is_unknown() -> None:
    known = Diagnosis(100.0, anomalous=True, root_causes=(cause("n1", "io", 0.9),))
    assert combined(known, seen("n1"), np.zeros(3, dtype=np.bool_)).root_causes == known.root_causes


def test_beside_a_model_only_what_is_strong_lasting_and_unexplained_is_unknown() -> None:
    nothing, calm = np.zeros(3, dtype=np.bool_), Diagnosis(100.0, anomalous=False)
    ill = seen("n2")
    assert of_no_known_kind(calm, ill, nothing).tolist() == [False, True, False]
    assert not of_no_known_kind(calm, ill, np.array([False, True, False])).any()
    assert not of_no_known_kind(calm, replace(ill, since_s=np.full(3, 98.0)), nothing).any()
    assert not of_no_known_kind(calm, replace(ill, score=np.full(3, 0.65)), nothing).any()


def test_while_an_anomaly_has_a_name_its_effects_elsewhere_are_not_unknown() -> None:
    nothing, known = (
        np.zeros(3, dtype=np.bool_),
        Diagnosis(100.0, anomalous=True, root_causes=(cause("n1", "io", 0.9),)),
    )
    ill = replace(seen("n1", "n2"), score=np.full(3, 0.9))
    assert of_no_known_kind(known, ill, nothing).tolist() == [False, True, False]
    assert not of_no_known_kind(known, replace(ill, score=np.full(3, 0.7)), nothing).any()


def test_another_model_keeps_the_past(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(400, ticks=40).window
    diagnoser = ClusterDiagnoser(None, 1.0)
    ticks(diagnoser, window)
    assert diagnoser.successor(model).diagnose(window).note == ""
