"""Reliability of confidence on replays with known scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.evaluation import reliability
from tests.diagnosis.evaluation.replays import replay_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case


def test_the_calibration_error_is_confidence_minus_the_share_that_was_right(case_of: Callable[..., Case]) -> None:
    right = replay_of(case_of(1, ("cpu_stress", "n1"), ticks=60), {(0, 0): 0.9})
    # At 30 normal ticks the prediction is wrong, at 27 anomalous ones right.
    assert reliability.calibration_error([right]) == pytest.approx(abs(0.9 - 27 / 57), abs=1e-6)
    (only,) = reliability.bins([right])
    assert only.confidence == pytest.approx(0.9)
    assert only.right == pytest.approx(27 / 57)
    assert only.weight == 1


def test_each_bin_holds_its_share_of_the_samples(case_of: Callable[..., Case]) -> None:
    normal = [replay_of(case_of(seed, ticks=60), {(0, 0): score}) for seed, score in ((1, 0.25), (2, 1.0))]
    low, high = reliability.bins(normal)
    assert (low.confidence, low.right, low.weight) == (0.25, 0, 0.5)
    assert (high.confidence, high.right, high.weight) == (1, 0, 0.5)
    assert reliability.calibration_error(normal) == pytest.approx((0.25 + 1) / 2)


def test_without_replays_there_are_no_bins_and_no_error() -> None:
    assert reliability.bins([]) == ()
    assert reliability.calibration_error([]) is None
