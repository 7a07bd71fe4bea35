"""Distances to the past in robust standard deviations."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.evidence import sigmas


def test_sigmas_are_of_the_newest_half_against_the_robust_spread() -> None:
    past = np.arange(101, dtype=np.float32)[None]
    window = np.array([[0, 0, 118, 118]], dtype=np.float32)
    assert sigmas(window, past)[0] == pytest.approx((118 - 50) / 34)


def test_a_constant_past_has_a_least_deviation() -> None:
    assert sigmas(np.full((1, 4), 1.02, np.float32), np.ones((1, 9), np.float32))[0] == pytest.approx(1, abs=1e-3)


def test_without_a_past_there_are_none() -> None:
    assert np.isnan(sigmas(np.ones((2, 4), np.float32), np.ones((2, 0), np.float32))).all()
