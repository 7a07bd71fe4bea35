"""Measures, on tracks whose marks are known, and on a model whose anomalies are plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis import evaluation, measures
from distdiag_core.diagnosis.case import Case
from distdiag_core.diagnosis.track import Track
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.model import Model

ANOMALIES = ("cpu_stress", "io_stress")


def track_of(case: Case, scores: dict[tuple[int, int], float], anomalous: range = range(0)) -> Track:
    """A track on which the same is said at every tick, and trouble is seen at the ticks `anomalous`."""
    ticks, nodes = len(case.window), len(case.window.nodes)
    importance = np.zeros((ticks, nodes, len(ANOMALIES)), dtype=np.float32)
    for (node, anomaly), score in scores.items():
        importance[:, node, anomaly] = score
    seen = np.isin(np.arange(ticks), list(anomalous))
    founded = np.ones(ticks, dtype=np.bool_)
    return Track(case, ANOMALIES, case.window.times_s, importance, importance >= 0.5, seen, founded, 10.0)


def test_precision_at_k_counts_the_true_among_the_first(case_of: Callable[..., Case]) -> None:
    compound = case_of(1, ("cpu_stress", "n1"), ("io_stress", "n2"))
    right_and_wrong = track_of(compound, {(0, 0): 0.9, (2, 0): 0.8, (1, 1): 0.7})
    wrong = track_of(case_of(2, ("io_stress", "n3")), {(0, 0): 0.9})
    found = measures.accuracy([right_and_wrong, wrong])
    assert found is not None
    assert found["1"] == pytest.approx((1 + 0) / 2)
    assert measures.accuracy([right_and_wrong]) == {"1": 1.0, "3": 1.0, "5": 1.0}
    assert measures.category_of(compound) == "cpu_stress+io_stress x2"


def test_detection_counts_delays_and_false_alarms(case_of: Callable[..., Case]) -> None:
    noticed = track_of(case_of(1, ("cpu_stress", "n1")), {}, range(37, 60))
    missed = track_of(case_of(2, ("cpu_stress", "n1")), {})
    alarmed = track_of(case_of(3), {}, range(20, 25))
    found = measures.detection([noticed, missed, alarmed])
    assert found.recall == 0.5
    assert found.median_delay_s == 7
    normal_ticks = 2 * (30 + 15) + 90
    assert found.normal_hours == pytest.approx(normal_ticks / 3600)
    assert found.false_alarms_per_hour == pytest.approx(3600 / normal_ticks)


def test_macro_f1_counts_names_on_normal_cases_against_it(case_of: Callable[..., Case]) -> None:
    right = track_of(case_of(1, ("cpu_stress", "n1")), {(0, 0): 0.9})
    assert measures.macro_f1([right]) == 1
    accused = track_of(case_of(2), {(0, 0): 0.9})
    assert measures.macro_f1([right, accused]) == pytest.approx(2 / 3)
    assert measures.macro_f1([accused]) is None


def test_unseen_cases_are_named_and_the_rows_before_say_nothing(
    model: Model, cases: tuple[Case, ...], unseen: tuple[Case, ...]
) -> None:
    found = evaluation.evaluate(model, unseen, train=cases).as_dict()
    assert found["cases"] == 9
    assert found["ac"] == {"1": 1.0, "3": 1.0, "5": 1.0}
    assert found["macro_f1"] == 1
    assert found["by_category"]["io_stress x1"] == {"cases": 3, "ac": {"1": 1.0, "3": 1.0, "5": 1.0}}
    assert found["placebo_ac1"] <= 0.5
    assert found["detection"]["recall"] == 1
    assert found["detection"]["median_delay_s"] <= 8
    assert found["detection"]["false_alarms_per_hour"] == 0
    (paper,) = found["baselines"].values()
    assert 0 <= paper["macro_f1"] <= 1


def test_anomalies_that_were_never_taught_count_as_missed(model: Model, case_of: Callable[..., Case]) -> None:
    case = case_of(500, ("cpu_stress", "n1"))
    strange = Case(
        case.name,
        case.window,
        1.0,
        tuple(type(label)("flood", label.node, label.start_s, label.end_s) for label in case.labels),
    )
    found = evaluation.evaluate(model, [strange])
    assert found.skipped == ("flood",)
    assert found.naming.ac == {"1": 0.0, "3": 0.0, "5": 0.0}


def test_one_directory_is_judged_by_turns(cases: tuple[Case, ...]) -> None:
    found = evaluation.cross_validate(cases)
    assert found.cases == len(cases)
    assert found.naming.ac is not None
    assert found.naming.ac["1"] >= 0.8


def test_one_group_cannot_judge_itself(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="one group"):
        evaluation.cross_validate([case_of(1, ("cpu_stress", "n1"))])
