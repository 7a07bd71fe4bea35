"""The onset is the tick from which the metrics that speak for an anomaly have left their past."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from distdiag_core.diagnosis.detection.onset import onset_s

TIMES_S = 100 + np.arange(20, dtype=np.float64)
PAST = np.tile(np.array([0.9, 1.0, 1.1], dtype=np.float32), (3, 10))


def values(*starts: int) -> np.ndarray:
    """Metrics that are far from their past from these ticks on."""
    return np.stack([np.where(np.arange(20) >= start, 3.0, 1.0) for start in starts]).astype(np.float32)


def test_it_is_the_median_of_the_metrics() -> None:
    assert onset_s(TIMES_S, values(12, 13, 2), PAST) == 112.0


def test_a_single_tick_within_the_past_does_not_end_it_and_one_outside_does_not_begin_it() -> None:
    series = values(10)
    series[0, 14] = 1.0
    series[0, 3] = 9.0
    assert onset_s(TIMES_S, series, PAST[:1]) == 110.0


def test_a_metric_that_has_returned_says_nothing() -> None:
    returned = values(10)
    returned[0, 15:] = 1.0
    assert onset_s(TIMES_S, np.concatenate((returned, values(12))), PAST[:2]) == 112.0
    assert onset_s(TIMES_S, returned, PAST[:1]) is None


def test_an_unknown_value_is_not_away() -> None:
    unknown = np.full((1, 20), np.nan, dtype=np.float32)
    assert onset_s(TIMES_S, unknown, PAST[:1]) is None
    assert onset_s(TIMES_S, values(10), np.full((1, 5), np.nan, dtype=np.float32)) is None


FIGURES = st.one_of(st.floats(-10, 10, width=32), st.just(np.nan))


@given(hnp.arrays(np.float32, (3, 20), elements=FIGURES), hnp.arrays(np.float32, (3, 7), elements=FIGURES))
def test_it_is_one_of_the_ticks(recent: np.ndarray, past: np.ndarray) -> None:
    found = onset_s(TIMES_S, recent, past)
    assert found is None or found in TIMES_S
