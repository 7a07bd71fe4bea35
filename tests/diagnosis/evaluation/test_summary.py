"""Summary of replays with known scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.evaluation.summary import Naming, summarize
from tests.diagnosis.evaluation.replays import replay_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def test_misrankings_are_listed_one_by_one(case_of: Callable[..., Case]) -> None:
    wrong = replay_of(case_of(1, ("cpu_stress", "n1")), {(2, 1): 0.9})
    alarmed = replay_of(case_of(2), {(0, 0): 0.9}, range(20, 25))
    found = summarize([wrong, alarmed], {}).misrankings
    assert [(each.case, each.kind, each.true, each.predicted) for each in found] == [
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


def test_baselines_are_measured_on_the_same_cases(case_of: Callable[..., Case]) -> None:
    case = case_of(1, ("cpu_stress", "n1"))
    found = summarize([replay_of(case, {(0, 0): 0.9})], {"simple": [replay_of(case, {(2, 1): 0.9})]})
    assert found.naming == Naming({"1": 1.0, "3": 1.0, "5": 1.0}, 1.0, 1.0, 0.0, 1.0)
    assert found.baselines["simple"].macro_f1 == 0
    assert found.baselines["simple"].ac is not None
    assert found.baselines["simple"].ac["1"] == 0


def test_the_keys_of_the_json_object_stay(case_of: Callable[..., Case]) -> None:
    found = summarize([replay_of(case_of(1), {})], {}).as_dict()
    assert found["misrankings"] == []
    assert found["not_trained_on"] == []
    assert found["intervals"]["ac1"] is None
    assert found["by_category"] == {}
    assert found["ac"] is None
