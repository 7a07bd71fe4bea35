"""The untrained detector: quiet on noise, and on one odd metric; awake when several go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.detection import suspicions
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.detection import Bad

BAD: dict[str, Bad] = {"cpu": "up", "queue": "up", "latency": "up", "rate": "down"}


def test_a_node_in_trouble_is_suspected_before_the_others(case_of: Callable[..., Case]) -> None:
    window = case_of(1, ("cpu_stress", "n2")).window
    first = suspicions(_up_to(window, 45), BAD, 1.0)[0]
    assert first.node == "n2"
    assert {"cpu", "queue"} & {each.metric for each in first.evidence}


@pytest.mark.parametrize("end", [5, 30, 60, 90])
def test_noise_is_not_suspicious(case_of: Callable[..., Case], end: int) -> None:
    window = case_of(2).window
    assert suspicions(_up_to(window, end), BAD, 1.0) == ()


def test_without_known_directions_nothing_is_said(case_of: Callable[..., Case]) -> None:
    assert suspicions(case_of(1, ("cpu_stress", "n2")).window, {}, 1.0) == ()


def _up_to(window: Window, end: int) -> Window:
    return Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end])
