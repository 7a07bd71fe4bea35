"""Selection of metrics, and of the cases that it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.training.feature_selection import representative_cases, select_features
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def test_settings_and_slow_levels_are_excluded(case_of: Callable[..., Case]) -> None:
    features = select_features([case_of(seed, ("cpu_stress", "n1")) for seed in range(1, 6)])
    assert set(features.excluded_metrics) == {"memory", "setting"}
    assert {"cpu", "queue", "latency"} <= set(features.metrics)
    assert features.peers


def test_constant_metrics_cannot_be_selected_from(case_of: Callable[..., Case]) -> None:
    case = case_of(1)
    case.window.values[:] = 1
    with pytest.raises(DataError, match="ever moves"):
        select_features([case])


def test_cases_of_each_set_of_anomalies_take_turns_until_there_are_enough_values(
    case_of: Callable[..., Case],
) -> None:
    cases = [case_of(1, ("cpu_stress", "n1")), case_of(2, ("cpu_stress", "n2")), case_of(3, ("io_stress", "n1"))]
    size = cases[0].window.values.size
    loaded: list[str] = []

    def load(case: Case) -> Case:
        loaded.append(case.name)
        return case

    assert representative_cases(cases, load, 2 * size) == (cases[0], cases[2])
    assert loaded == ["case-1", "case-3"]
    assert representative_cases(cases, load, None) == tuple(cases)
