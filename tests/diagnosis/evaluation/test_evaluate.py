"""Evaluation of a model trained on a made-up cluster, and cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.dataset.case import Case
from distdiag_core.diagnosis.evaluation import evaluate
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.model.model import Model


def test_unseen_cases_are_diagnosed_and_the_ticks_before_the_onset_are_not(
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
    assert found["misrankings"] == []
    assert found["confusion"]["cpu_stress"] == {"cpu_stress": 3}
    assert found["calibration_error"] <= 0.2
    low, high = found["intervals"]["false_alarms_per_hour"]
    assert low == 0 < high


def test_untrained_anomalies_count_as_missed(model: Model, case_of: Callable[..., Case]) -> None:
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


def test_cross_validation_tests_every_case_once(cases: tuple[Case, ...]) -> None:
    found = evaluate.cross_validate(cases)
    assert found.cases == len(cases)
    assert found.naming.ac is not None
    assert found.naming.ac["1"] >= 0.8


def test_one_group_cannot_be_cross_validated(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="not groups enough"):
        evaluate.cross_validate([case_of(1, ("cpu_stress", "n1"))])
