"""Moving means with gaps."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.moving_mean import moving_mean


def test_each_place_is_the_mean_of_the_last() -> None:
    values = np.arange(6, dtype=np.float32)
    assert moving_mean(values, 3).tolist() == [0, 0.5, 1, 2, 3, 4]


def test_where_half_is_unknown_there_is_no_mean() -> None:
    values = np.array([1, np.nan, np.nan, 4, 6, 8], dtype=np.float32)
    np.testing.assert_array_equal(moving_mean(values, 3), np.array([1, np.nan, np.nan, np.nan, 5, 6], dtype=np.float32))
