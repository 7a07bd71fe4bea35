"""Features say how far a node left its reference, whatever its level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.features import shifts
from distdiag_core.diagnosis.features.feature_spec import Spans, aligned, squash
from distdiag_core.diagnosis.training import feature_selection
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def test_shifts_of_a_step() -> None:
    window = np.array([[[0, 0, 0, 2, 2, 2]]], dtype=np.float32)
    mean, low, high, trend, spread = shifts.shifts(window, np.zeros((1, 1), dtype=np.float32))[0, 0]
    assert (mean, low, high, trend, spread) == pytest.approx((1, 0, 2, 2, 1))


def test_a_change_of_all_nodes_is_none_against_the_peers() -> None:
    window = np.ones((3, 2, 6), dtype=np.float32)
    own = shifts.shifts(window, np.zeros((3, 2), dtype=np.float32))
    assert own[..., 0].min() == 1
    assert not shifts.against_peers(own).any()


def test_a_lone_node_has_no_peers() -> None:
    own = shifts.shifts(np.ones((1, 2, 6), dtype=np.float32), np.zeros((1, 2), dtype=np.float32))
    assert np.isnan(shifts.against_peers(own)).all()


def test_squashing_makes_equal_ratios_equal_distances_and_bears_any_sign() -> None:
    figures = np.array([[-1000, 0, 1000, 2000, 4000]], dtype=np.float32)
    squashed = squash(figures, np.array([1], dtype=np.float32))[0]
    assert squashed[1] == 0
    assert squashed[0] == -squashed[2]
    assert squashed[4] - squashed[3] == pytest.approx(squashed[3] - squashed[2], abs=1e-3)


def test_windows_last_ten_seconds_or_six_samples() -> None:
    assert Spans.of(1.0).window == 10
    assert Spans.of(5.0).window == 6
    assert Spans.of(0.5).window == 20


def test_metrics_are_brought_into_order_and_missing_ones_are_unknown() -> None:
    window = Window(np.arange(2.0), ("n1",), ("b", "a"), np.array([[[1, 1], [2, 2]]], dtype=np.float32))
    found = aligned(window, ("a", "b", "c"))
    assert found[0, :2, 0].tolist() == [2, 1]
    assert np.isnan(found[0, 2]).all()


def test_settings_and_slow_levels_are_found_and_passed_over(case_of: Callable[..., Case]) -> None:
    cases = [case_of(seed, ("cpu_stress", "n1")) for seed in range(1, 6)]
    recipe = feature_selection.learn(cases)
    assert set(recipe.passed_over) == {"memory", "setting"}
    assert {"cpu", "queue", "latency"} <= set(recipe.metrics)
