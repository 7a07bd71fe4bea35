"""Whether the load goes as it did, told from the clients' figures alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.campaign.calm import restless
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAST = (0.0, 19.0)


def _history(tps: Sequence[float], p95_ms: Sequence[float]) -> Window:
    """Twenty calm ticks of two nodes, then those given of the second one; the first goes on."""
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
def test_what_is_not_as_it_was_is_named(tps: list[float], p95_ms: list[float], reason: str) -> None:
    assert restless(_history(tps, p95_ms), _PAST) == reason


def test_without_a_past_something_has_to_finish_and_that_is_all() -> None:
    assert restless(_history([5] * 4, [900] * 4), None) == ""
    assert restless(_history([0] * 4, [np.nan] * 4), None) == "nothing finishes on n2"


def test_a_past_that_is_no_longer_in_the_history_is_none() -> None:
    assert restless(_history([5] * 4, [900] * 4), (-500.0, -480.0)) == ""
