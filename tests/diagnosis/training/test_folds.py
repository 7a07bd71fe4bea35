"""Folds of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case

from distdiag_core.diagnosis.training.folds import assign_folds


def test_groups_are_never_split_and_anomalies_are_spread(case_of: Callable[..., Case]) -> None:
    cases = [case_of(seed // 2, (anomaly, "n1")) for seed, anomaly in enumerate(["cpu_stress"] * 8)]
    fold = assign_folds(cases, 2)
    assert fold.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
