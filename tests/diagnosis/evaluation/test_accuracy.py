"""Accuracy of replays with known scores: AC@k, F1, detection and the placebo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.evaluation import accuracy
from tests.diagnosis.evaluation.replays import replay_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.accuracy import RootCauseName


def test_precision_at_k_counts_the_true_among_the_first(case_of: Callable[..., Case]) -> None:
    compound = case_of(1, ("cpu_stress", "n1"), ("io_stress", "n2"))
    right_and_wrong = replay_of(compound, {(0, 0): 0.9, (2, 0): 0.8, (1, 1): 0.7})
    wrong = replay_of(case_of(2, ("io_stress", "n3")), {(0, 0): 0.9})
    found = accuracy.accuracy([right_and_wrong, wrong])
    assert found is not None
    assert found["1"] == pytest.approx((1 + 0) / 2)
    assert accuracy.accuracy([right_and_wrong]) == {"1": 1.0, "3": 1.0, "5": 1.0}
    assert accuracy.scenario_name(compound) == "cpu_stress+io_stress x2"


def test_detection_counts_delays_and_false_alarms(case_of: Callable[..., Case]) -> None:
    noticed = replay_of(case_of(1, ("cpu_stress", "n1")), {}, range(37, 60))
    missed = replay_of(case_of(2, ("cpu_stress", "n1")), {})
    alarmed = replay_of(case_of(3), {}, range(20, 25))
    found = accuracy.detection([noticed, missed, alarmed])
    assert found.recall == 0.5
    assert found.median_delay_s == 7
    normal_ticks = 2 * (30 + 15) + 90
    assert found.normal_hours == pytest.approx(normal_ticks / 3600)
    assert found.false_alarms_per_hour == pytest.approx(3600 / normal_ticks)


def test_a_placebo_counts_known_normal_ticks_before_the_onset_alone(
    case_of: Callable[..., Case],
) -> None:
    case = case_of(1, ("cpu_stress", "n1"))
    times_s, onset_s = case.window.times_s, case.labels[0].start_s
    found = replay_of(case, {(1, 1): 0.1})
    found.importance[(times_s >= onset_s - 4), 0, 0] = 1
    assert accuracy.placebo([found])[0] == 1
    named = replace(case, normal=((times_s[0], onset_s - 5),))
    assert accuracy.placebo([replace(found, case=named)]) == (0, 1)
    assert accuracy.placebo([replace(found, case=replace(case, normal=((onset_s + 60, onset_s + 70),)))]) == (None, 0)


def test_predictions_on_normal_cases_lower_macro_f1(case_of: Callable[..., Case]) -> None:
    right = accuracy.true_and_named(replay_of(case_of(1, ("cpu_stress", "n1")), {(0, 0): 0.9}))
    assert accuracy.macro_f1([right]) == 1
    accused = accuracy.true_and_named(replay_of(case_of(2), {(0, 0): 0.9}))
    assert accuracy.macro_f1([right, accused]) == pytest.approx(2 / 3)
    assert accuracy.macro_f1([accused]) is None


def test_chance_is_the_share_of_the_most_frequent_root_cause(case_of: Callable[..., Case]) -> None:
    labelled = [case_of(seed, ("cpu_stress", node)) for seed, node in enumerate(("n1", "n1", "n2"))]
    assert accuracy.chance([replay_of(case, {}) for case in (*labelled, case_of(9))]) == pytest.approx(2 / 3)
    assert accuracy.chance([replay_of(case_of(9), {})]) is None


def test_a_normal_case_predicts_what_is_over_its_threshold_most_of_the_time(case_of: Callable[..., Case]) -> None:
    found = replay_of(case_of(1), {})
    found.over_threshold[:46, 0, 0] = True
    found.over_threshold[:45, 1, 1] = True
    assert accuracy.true_and_named(found) == (frozenset(), frozenset({("n1", "cpu_stress")}))
    assert accuracy.true_and_first(found) == accuracy.true_and_named(found)


def test_naming_too_many_counts_unless_as_many_as_are_true_are_taken(case_of: Callable[..., Case]) -> None:
    found = replay_of(case_of(1, ("cpu_stress", "n1")), {(0, 0): 0.9, (0, 1): 0.6, (1, 1): 0.4})
    truth = frozenset({("n1", "cpu_stress")})
    assert accuracy.true_and_first(found) == (truth, truth)
    assert accuracy.true_and_named(found) == (truth, truth | {("n1", "io_stress")})


def test_an_alarm_that_was_on_before_the_onset_notices_nothing(case_of: Callable[..., Case]) -> None:
    early = replay_of(case_of(1, ("cpu_stress", "n1")), {}, range(25, 60))
    assert accuracy.detection_delay_s(early) is None
    again = replace(early, anomalous=early.anomalous & (early.times_s != early.times_s[40]))
    assert accuracy.detection_delay_s(again) == 11


def test_seconds_with_the_right_first_row_count_from_the_fifth_on(case_of: Callable[..., Case]) -> None:
    case = case_of(1, ("cpu_stress", "n1"))
    assert accuracy.first_row_right([replay_of(case, {(0, 0): 0.9}, range(90))]) == 1
    assert accuracy.first_row_right([replay_of(case, {(0, 0): 0.9}, range(47, 90))]) == pytest.approx(13 / 25)
    assert accuracy.first_row_right([replay_of(case, {(0, 1): 0.9}, range(90))]) == 0
    assert accuracy.first_row_right([replay_of(case_of(2), {})]) is None


_causes = st.frozensets(st.tuples(st.sampled_from(("n1", "n2")), st.sampled_from(("cpu_stress", "io_stress"))))


@given(st.lists(st.tuples(_causes, _causes), max_size=6))
def test_f1_is_a_share_and_is_1_where_all_predictions_are_right(
    pairs: list[tuple[frozenset[RootCauseName], frozenset[RootCauseName]]],
) -> None:
    found = accuracy.accuracy_by_anomaly(pairs)
    assert set(found) == {anomaly for truth, _ in pairs for _, anomaly in truth}
    assert all(0 <= each.f1 <= 1 and each.recall is not None for each in found.values())
    perfect = accuracy.accuracy_by_anomaly([(truth, truth) for truth, _ in pairs])
    assert set(perfect.values()) <= {accuracy.KindAccuracy(1.0, 1.0, 1.0)}


def test_an_alarm_that_begins_while_the_anomaly_is_being_injected_notices_it_at_once(
    case_of: Callable[..., Case],
) -> None:
    case = case_of(1, ("cpu_stress", "n1"))
    times_s, onset_s = case.window.times_s, case.labels[0].start_s
    injected = replace(case, normal=((float(times_s[0]), onset_s - 6),))
    assert accuracy.detection_delay_s(replace(replay_of(case, {}, range(26, 60)), case=injected)) == 0
    assert accuracy.detection_delay_s(replace(replay_of(case, {}, range(23, 60)), case=injected)) is None
