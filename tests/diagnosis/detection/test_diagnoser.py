"""A running cluster: who is named, how soon, and how calm it is afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model

ONSET, END = 30, 60


def up_to(window: Window, end: int) -> Window:
    return Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end])


def run(diagnoser: Diagnoser, window: Window) -> dict[int, Diagnosis]:
    """The verdict at each tick."""
    return {end - 1: diagnoser.diagnose(up_to(window, end)) for end in range(1, len(window) + 1)}


@pytest.mark.parametrize(("anomaly", "node"), [("cpu_stress", "n2"), ("io_stress", "n3")])
def test_the_root_cause_is_first_soon_and_calm_returns(
    model: Model, case_of: Callable[..., Case], anomaly: str, node: str
) -> None:
    verdicts = run(Diagnoser(model, 1.0), case_of(300, (anomaly, node)).window)
    for tick in range(ONSET + 8, END):
        first = verdicts[tick].root_causes[0]
        assert verdicts[tick].anomalous
        assert (first.node, first.anomaly) == (node, anomaly)
    assert not any(verdicts[tick].anomalous for tick in range(22, ONSET))
    assert not any(verdicts[tick].anomalous for tick in range(END + 12, 90))


def test_what_is_said_of_a_root_cause(model: Model, case_of: Callable[..., Case]) -> None:
    verdict = run(Diagnoser(model, 1.0), case_of(301, ("cpu_stress", "n2")).window)[END - 1]
    first = verdict.root_causes[0]
    assert first.rank == 1
    assert first.importance == pytest.approx(first.confidence * first.influence)
    assert first.onset_s == pytest.approx(1000 + ONSET, abs=1)
    assert {each.metric for each in first.evidence[:1]} & {"cpu", "queue"}
    assert all(each.sigma > 0 for each in first.evidence if each.metric in ("cpu", "queue"))
    assert all(each.contribution is not None and each.contribution > 0 for each in first.evidence)
    assert verdict.note == ""


def test_evidence_is_in_the_unit_of_its_metric(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(301, ("cpu_stress", "n2")).window
    first = run(Diagnoser(model, 1.0), window)[END - 1].root_causes[0]
    shown = next(each for each in first.evidence if each.metric in ("cpu", "queue"))
    values = window.values[:, window.metrics.index(shown.metric)]

    assert shown.before == pytest.approx(np.median(values[1, :ONSET]), rel=0.1)
    assert shown.now == pytest.approx(np.median(values[1, END - 5 : END]), rel=0.01)
    assert shown.peers == pytest.approx(np.median(values[[0, 2], END - 5 : END]), rel=0.2)
    assert shown.onset_s == pytest.approx(window.times_s[ONSET], abs=1)


def test_the_strongest_alternative_and_what_tells_the_two_apart(model: Model, case_of: Callable[..., Case]) -> None:
    both = run(Diagnoser(model, 1.0), case_of(310, ("cpu_stress", "n2"), ("io_stress", "n2")).window)[END - 1]
    first, second = both.root_causes[:2]
    assert {first.anomaly, second.anomaly} == {"cpu_stress", "io_stress"}
    assert first.alternative is not None
    assert (first.alternative.anomaly, first.alternative.active) == (second.anomaly, True)
    assert first.alternative.confidence == pytest.approx(second.confidence)
    assert {"cpu", "io"} & set(first.alternative.distinguishing_metrics)
    assert first.ambiguous


def test_a_clear_root_cause_is_not_ambiguous(model: Model, case_of: Callable[..., Case]) -> None:
    first = run(Diagnoser(model, 1.0), case_of(311, ("io_stress", "n1")).window)[END - 1].root_causes[0]
    assert not first.ambiguous


def test_a_long_anomaly_becomes_normal_after_five_minutes_and_no_sooner(
    model: Model, case_of: Callable[..., Case]
) -> None:
    case = case_of(302, ("io_stress", "n1"))
    longer = np.concatenate((case.window.values[..., :END], *[case.window.values[..., ONSET:END]] * 12), axis=-1)
    times_s = 1000 + np.arange(longer.shape[-1], dtype=np.float64)
    window = Window(times_s, case.window.nodes, case.window.metrics, longer)
    diagnoser = Diagnoser(model, 1.0)
    verdicts = {end: diagnoser.diagnose(up_to(window, end)) for end in range(20, len(window) + 1)}
    frozen = range(ONSET + 10, ONSET + 300)
    assert all(verdicts[end].anomalous and not verdicts[end].note for end in frozen)
    assert any("waiting for baseline" in verdicts[end].note for end in range(ONSET + 300, ONSET + 325))


def test_it_says_so_when_there_is_no_past(model: Model, case_of: Callable[..., Case]) -> None:
    verdicts = run(Diagnoser(model, 1.0), case_of(303).window)
    assert "waiting for baseline" in verdicts[12].note
    assert verdicts[40].note == ""


def test_what_goes_on_at_the_start_has_no_onset_before_the_first_sample(
    model: Model, case_of: Callable[..., Case]
) -> None:
    whole = case_of(313, ("io_stress", "n3")).window
    window = Window(whole.times_s[ONSET + 3 :], whole.nodes, whole.metrics, whole.values[..., ONSET + 3 :])
    verdicts = run(Diagnoser(model, 1.0), up_to(window, 8))
    onsets = [cause.onset_s for each in verdicts.values() for cause in each.root_causes if cause.onset_s is not None]
    assert onsets
    assert min(onsets) >= window.times_s[0]


def test_a_change_of_load_that_was_announced_is_no_anomaly(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(304).window
    values = window.values.copy()
    values[0, :5, 40:] *= 6
    diagnoser = Diagnoser(model, 1.0)
    changed = Window(window.times_s, window.nodes, window.metrics, values)
    verdicts = []
    for end in range(1, len(window) + 1):
        if end == 41:
            diagnoser.reset_baseline()
        verdicts.append(diagnoser.diagnose(up_to(changed, end)))
    assert not any(verdict.anomalous for verdict in verdicts[40:])
    assert verdicts[89].note == ""


def test_a_node_without_figures_is_named_and_never_accused(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(305).window
    values = window.values.copy()
    values[1, :, 40:] = np.nan
    verdicts = run(Diagnoser(model, 1.0), Window(window.times_s, window.nodes, window.metrics, values))
    assert "no values of n2" in verdicts[60].note
    assert not any(cause.node == "n2" and cause.confidence > 0 for cause in verdicts[60].root_causes)


def test_nodes_and_metrics_may_differ_from_the_training(model: Model, case_of: Callable[..., Case]) -> None:
    nodes = ("a", "b", "c", "d", "e")
    case = case_of(306, ("cpu_stress", "d"), nodes=nodes)
    held = [0, 1, 2, 3]
    narrow = Window(
        case.window.times_s, nodes, tuple(case.window.metrics[each] for each in held), case.window.values[:, held]
    )
    first = run(Diagnoser(model, 1.0), narrow)[END - 1].root_causes[0]
    assert (first.node, first.anomaly) == ("d", "cpu_stress")
    missing = model.missing_metrics(narrow.metrics)
    assert missing.metrics == ("rate",)
    assert 0 < missing.cost < 1
    assert "rate" in missing.warning()


def test_a_recorded_case_gets_one_verdict_without_its_labels(model: Model, case_of: Callable[..., Case]) -> None:
    ill = diagnose_case(model, case_of(307, ("io_stress", "n2")))
    assert (ill.root_causes[0].node, ill.root_causes[0].anomaly) == ("n2", "io_stress")
    assert [cause.rank for cause in ill.root_causes] == list(range(1, len(ill.root_causes) + 1))
    assert not diagnose_case(model, case_of(308)).anomalous


def test_a_model_that_succeeds_another_names_what_goes_on_and_takes_it_for_no_part_of_the_past(
    model: Model, cases: tuple[Case, ...], case_of: Callable[..., Case]
) -> None:
    window = up_to(case_of(305, ("cpu_stress", "n2")).window, END)
    before = Diagnoser(model, 1.0)
    for end in range(1, END):
        before.diagnose(up_to(window, end))
    fewer = [case for case in cases if all(label.anomaly == "cpu_stress" for label in case.labels)]
    other = trainer.train(fewer, "other", TrainOptions(rounds=5, calibrate=False))

    first = before.successor(other).diagnose(window).root_causes[0]
    known = before.successor(other).observe(window).baseline_values.shape[-1]

    assert (first.node, first.anomaly) == ("n2", "cpu_stress")
    assert known == before.observe(window).baseline_values.shape[-1]
    assert 0 < known <= ONSET
    assert Diagnoser(other, 1.0).observe(window).baseline_values.shape[-1] > ONSET


def test_an_active_root_cause_has_the_impact_of_its_node(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(308, ("cpu_stress", "n2")).window
    clients = np.full((3, 2, len(window)), [[[100.0], [10.0]]], dtype=np.float32)
    clients[1, :, ONSET:END] = [[25.0], [80.0]]
    loaded = Window(
        window.times_s,
        window.nodes,
        (*window.metrics, "workload.tps", "workload.p95"),
        np.concatenate((window.values, clients), axis=1),
    )
    verdicts = run(Diagnoser(model, 1.0), loaded)
    first, *others = verdicts[END - 1].root_causes
    assert str(first.impact) == "tps -75 %, latency x8.0"
    assert all(each.impact is None for each in others if each.onset_s is None)
    whole = verdicts[END - 1].impact
    assert whole is not None
    assert str(whole.whole).startswith("tps -25 %")
    assert verdicts[ONSET - 1].impact is None


def test_without_a_workload_the_impact_is_unknown(model: Model, case_of: Callable[..., Case]) -> None:
    verdict = run(Diagnoser(model, 1.0), case_of(309, ("cpu_stress", "n2")).window)[END - 1]
    assert verdict.anomalous
    assert verdict.impact is None
    assert verdict.root_causes[0].impact is None
