"""Intervals, against figures of tables and by what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.evaluation import intervals


# Of the tables of the Poisson distribution (Garwood, 1936).
@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (3, 0.6187, 8.767), (10, 4.795, 18.39)]
)
def test_rates_have_the_exact_interval(events: int, low: float, high: float) -> None:
    assert intervals.of_rate(events, 1.0) == pytest.approx((low, high), abs=6e-3)
    assert intervals.of_rate(events, 2.0) == pytest.approx((low / 2, high / 2), abs=6e-3)


def test_without_time_there_is_no_rate() -> None:
    assert intervals.of_rate(0, 0.0) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_mean_lies_in_what_can_be_drawn(values: list[float]) -> None:
    found = intervals.of_mean(values, [str(place) for place in range(len(values))])
    assert found is not None
    low, high = found
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_groups_are_drawn_whole() -> None:
    drawn = intervals.draws(["a", "a", "b", "c"])
    assert np.array_equal(drawn[:, 0], drawn[:, 1])
    assert len(np.unique(drawn[:, 0] - drawn[:, 2])) > 1


def test_repeats_in_one_group_make_nothing_surer() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    alone = intervals.of_mean(values, list("abcdef"))
    repeated = intervals.of_mean(values * 5, list("abcdef") * 5)
    assert repeated == pytest.approx(alone)


def test_a_statistic_is_taken_of_the_drawn_cases() -> None:
    values = np.array([1.0, 2.0, 3.0])
    found = intervals.of_statistic(lambda drawn: float(np.median(values[drawn])), ["a", "b", "c"])
    assert found == (1.0, 3.0)
    assert intervals.of_statistic(lambda _: None, ["a"]) is None
