"""Mean of what has lasted."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.untrained.lasting_mean import LastingMean


@pytest.mark.parametrize(("period_s", "ticks"), [(1.0, 15), (0.5, 30), (5.0, 6)])
def test_it_is_the_mean_of_the_last_seconds_and_of_zeros_before(period_s: float, ticks: int) -> None:
    values = np.random.default_rng(1).normal(0, 100, (80, 2, 3)).astype(np.float32)
    mean = LastingMean((2, 3), period_s)
    found = [mean.take(each) for each in values]
    padded = np.concatenate((np.zeros((ticks - 1, 2, 3), dtype=np.float32), values))
    expected = [padded[end : end + ticks].mean(axis=0) for end in range(len(values))]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_nothing_is_left_of_what_is_over() -> None:
    mean = LastingMean((1,), 1.0)
    last = [mean.take(np.array([each], dtype=np.float32)) for each in (1e9, *[0.0] * 20)][-1]
    assert last.tolist() == [0]
