"""Quantiles and tails of a past."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.past_statistics import LEAST_TICKS, PastStatistics


def test_quantiles_and_tails_ignore_unknown_ticks() -> None:
    rng = np.random.default_rng(0)
    whole = rng.exponential(1.0, (2, 3, 400)).astype(np.float32)
    holed = np.where(rng.random(whole.shape) < 0.2, np.nan, whole).astype(np.float32)
    past = PastStatistics.of(holed)
    np.testing.assert_allclose(past.middle, np.nanmedian(holed, axis=2), atol=0.05)
    np.testing.assert_allclose(past.high, np.nanquantile(holed, 0.9, axis=2), atol=0.1)
    assert (past.above > 4 * past.below).all(), "an exponential distribution has its tail above"


def test_too_few_ticks_are_no_past() -> None:
    values = np.full((1, 2, 20), np.nan, dtype=np.float32)
    values[0, 0, : LEAST_TICKS - 1] = 1
    values[0, 1, :LEAST_TICKS] = 1
    past = PastStatistics.of(values)
    assert np.isnan(past.middle).tolist() == [[True, False]]


def test_some_nodes_are_renewed() -> None:
    old = PastStatistics.of(np.zeros((3, 2, 10), dtype=np.float32))
    old.put(np.array([1]), PastStatistics.of(np.ones((1, 2, 10), dtype=np.float32)))
    assert old.middle.tolist() == [[0, 0], [1, 1], [0, 0]]
