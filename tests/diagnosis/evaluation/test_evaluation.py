"""Measures, on tracks whose marks are known, and on a model whose anomalies are plain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case import Case
from distdiag_core.diagnosis.evaluation import accuracy, evaluate, reliability
from distdiag_core.diagnosis.evaluation.replay import Replay
from distdiag_core.diagnosis.evaluation.summary import summarize
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.model.model import Model

ANOMALIES = ("cpu_stress", "io_stress")


def replay_of(case: Case, scores: dict[tuple[int, int], float], anomalous: range = range(0)) -> Replay:
    """A track on which the same is said at every tick, and trouble is seen at the ticks `anomalous`."""
    ticks, nodes = len(case.window), len(case.window.nodes)
    importance = np.zeros((ticks, nodes, len(ANOMALIES)), dtype=np.float32)
    for (node, anomaly), score in scores.items():
        importance[:, node, anomaly] = score
    seen = np.isin(np.arange(ticks), list(anomalous))
    founded = np.ones(ticks, dtype=np.bool_)
    return Replay(case, ANOMALIES, case.window.times_s, importance, importance, importance >= 0.5, seen, founded, 10.0)


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


def test_a_placebo_looks_at_normal_life_alone_and_not_at_an_anomaly_that_is_being_proved(
    case_of: Callable[..., Case],
) -> None:
    case = case_of(1, ("cpu_stress", "n1"))
    times_s, onset_s = case.window.times_s, case.labels[0].start_s
    track = replay_of(case, {(1, 1): 0.1})
    track.importance[(times_s >= onset_s - 4), 0, 0] = 1
    assert accuracy.placebo([track])[0] == 1
    asked = replace(case, normal=((times_s[0], onset_s - 5),))
    assert accuracy.placebo([replace(track, case=asked)]) == (0, 1)
    assert accuracy.placebo([replace(track, case=replace(case, normal=((onset_s + 60, onset_s + 70),)))]) == (None, 0)


def test_macro_f1_counts_names_on_normal_cases_against_it(case_of: Callable[..., Case]) -> None:
    right = accuracy.true_and_predicted(replay_of(case_of(1, ("cpu_stress", "n1")), {(0, 0): 0.9}))
    assert accuracy.macro_f1([right]) == 1
    accused = accuracy.true_and_predicted(replay_of(case_of(2), {(0, 0): 0.9}))
    assert accuracy.macro_f1([right, accused]) == pytest.approx(2 / 3)
    assert accuracy.macro_f1([accused]) is None


def test_unseen_cases_are_named_and_the_rows_before_say_nothing(
    model: Model, cases: tuple[Case, ...], unseen: tuple[Case, ...]
) -> None:
    found = evaluate.evaluate(model, unseen, train=cases).as_dict()
    assert found["cases"] == 9
    assert found["ac"] == {"1": 1.0, "3": 1.0, "5": 1.0}
    assert found["macro_f1"] == 1
    assert found["by_category"]["io_stress x1"] == {"cases": 3, "ac": {"1": 1.0, "3": 1.0, "5": 1.0}}
    assert found["placebo_ac1"] <= 0.5
    assert found["detection"]["recall"] == 1
    assert found["detection"]["median_delay_s"] <= 8
    assert found["detection"]["false_alarms_per_hour"] == 0
    assert len(found["baselines"]) == 4
    assert all(0 <= each["ac"]["1"] <= each["ac"]["5"] <= 1 for each in found["baselines"].values())
    assert max(each["ac"]["1"] for each in found["baselines"].values()) > found["placebo_ac1"]
    assert found["mistakes"] == []
    assert found["confusion"]["cpu_stress"] == {"cpu_stress": 3}
    assert found["calibration_error"] <= 0.2
    low, high = found["intervals"]["false_alarms_per_hour"]
    assert low == 0 < high


def test_anomalies_that_were_never_taught_count_as_missed(model: Model, case_of: Callable[..., Case]) -> None:
    case = case_of(500, ("cpu_stress", "n1"))
    strange = Case(
        case.name,
        case.window,
        1.0,
        tuple(type(label)("flood", label.node, label.start_s, label.end_s) for label in case.labels),
    )
    found = evaluate.evaluate(model, [strange])
    assert found.untrained == ("flood",)
    assert found.naming.ac == {"1": 0.0, "3": 0.0, "5": 0.0}


def test_one_directory_is_judged_by_turns(cases: tuple[Case, ...]) -> None:
    found = evaluate.cross_validate(cases)
    assert found.cases == len(cases)
    assert found.naming.ac is not None
    assert found.naming.ac["1"] >= 0.8


def test_one_group_cannot_judge_itself(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="not groups enough"):
        evaluate.cross_validate([case_of(1, ("cpu_stress", "n1"))])


def test_mistakes_are_named_one_by_one(case_of: Callable[..., Case]) -> None:
    wrong = replay_of(case_of(1, ("cpu_stress", "n1")), {(2, 1): 0.9})
    alarmed = replay_of(case_of(2), {(0, 0): 0.9}, range(20, 25))
    found = summarize([wrong, alarmed], {}).misrankings
    assert [(each.case, each.kind, each.true, each.said) for each in found] == [
        ("case-1", "named wrong", ("cpu_stress@n1",), ("io_stress@n3",)),
        ("case-1", "not noticed", ("cpu_stress@n1",), ()),
        ("case-2", "false alarm", (), ("cpu_stress@n1",)),
    ]
    assert found[2].time_s == 1020


def test_categories_and_scenarios_are_those_of_the_plan(case_of: Callable[..., Case]) -> None:
    planned = replace(case_of(1, ("cpu_stress", "n1")), scenario="A1", category="one node, one anomaly")
    found = summarize(
        [replay_of(planned, {(0, 0): 0.9}), replay_of(case_of(2, ("io_stress", "n1")), {(0, 0): 0.9})], {}
    )
    assert {name: each.ac["1"] for name, each in found.by_category.items()} == {
        "one node, one anomaly": 1.0,
        "io_stress x1": 0.0,
    }
    assert set(found.by_scenario) == {"A1", "io_stress x1"}


def test_confidence_that_is_always_right_or_never_is_off_by_what_it_says(case_of: Callable[..., Case]) -> None:
    right = replay_of(case_of(1, ("cpu_stress", "n1"), ticks=60), {(0, 0): 0.9})
    # 30 ticks of normal life are told wrong with 0.9, 27 ticks in trouble right.
    assert reliability.calibration_error([right]) == pytest.approx(abs(0.9 - 27 / 57), abs=1e-6)
    (only,) = reliability.bins([right])
    assert only.confidence == pytest.approx(0.9)
