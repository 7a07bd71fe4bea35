"""Stability of the load, by the metrics of the clients alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.campaign.load_stability import LoadLevel, unstable
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

_NORMAL_S = (0.0, 19.0)


def _history(tps: Sequence[float], p95_ms: Sequence[float]) -> Window:
    """Twenty normal ticks of two nodes, then those given of the second one; the first goes on."""
    ticks = 20 + len(tps)
    values = np.empty((2, 2, ticks), dtype=np.float32)
    values[:, 0], values[:, 1] = 100.0, 20.0
    values[1, 0, 20:], values[1, 1, 20:] = tps, p95_ms
    return Window(np.arange(ticks, dtype=float), ("n1", "n2"), ("workload.tps", "workload.p95"), values)


@pytest.mark.parametrize(
    ("tps", "p95_ms", "reason"),
    [
        ([100, 100, 100, 100], [20, 20, 20, 20], ""),
        ([70, 75, 70, 80], [30, 30, 35, 30], ""),
        ([100, 100, 100, 0], [20, 20, 20, 900], ""),
        ([40, 45, 30, 40], [20, 20, 20, 20], "n2 does 40 transactions a second and did 100"),
        ([180, 190, 170, 180], [20, 20, 20, 20], "n2 does 180 transactions a second and did 100"),
        ([100, 100, 100, 100], [50, 60, 55, 55], "n2 takes 55 ms for 95 % of them and took 20"),
        ([0, 0, 0, 0], [np.nan] * 4, "nothing finishes on n2"),
        ([np.nan] * 4, [np.nan] * 4, ""),
    ],
)
def test_a_node_that_differs_from_the_normal_load_is_named(tps: list[float], p95_ms: list[float], reason: str) -> None:
    history = _history(tps, p95_ms)
    assert unstable(history, LoadLevel.between(history, *_NORMAL_S)) == reason


def test_without_a_normal_stretch_something_has_to_finish_and_that_is_all() -> None:
    assert unstable(_history([5] * 4, [900] * 4), None) == ""
    assert unstable(_history([0] * 4, [np.nan] * 4), None) == "nothing finishes on n2"


def test_a_normal_stretch_outside_the_history_is_unknown() -> None:
    history = _history([5] * 4, [900] * 4)
    assert unstable(history, LoadLevel.between(history, -500.0, -480.0)) == ""


def test_the_normal_level_outlives_the_history() -> None:
    normal = LoadLevel.between(_history([100] * 4, [20] * 4), *_NORMAL_S)
    assert unstable(_history([40] * 4, [20] * 4).last(4), normal) == "n2 does 40 transactions a second and did 100"
