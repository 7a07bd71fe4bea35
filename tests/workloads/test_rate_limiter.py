"""The rate limiter under a clock that stands still or jumps."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.rate_limiter import RateLimiter


class _Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_starts_are_spaced_by_the_rate(clock: _Clock) -> None:
    limiter = RateLimiter(4.0)

    assert [limiter.delay_s() for _ in range(4)] == pytest.approx([0, 0.25, 0.5, 0.75])


def test_without_a_rate_there_is_no_delay(clock: _Clock) -> None:
    limiter = RateLimiter(0)

    assert [limiter.delay_s() for _ in range(100)] == [0.0] * 100


def test_missed_starts_are_dropped_beyond_the_backlog(clock: _Clock) -> None:
    limiter = RateLimiter(10.0, backlog_s=1.0)
    clock.now_s += 60

    delays_s = [limiter.delay_s() for _ in range(12)]

    # Ten starts of the last second and the one that is due now.
    assert delays_s[:11] == pytest.approx([0.0] * 11)
    assert delays_s[11] == pytest.approx(0.1)


@given(st.floats(0.1, 1_000), st.lists(st.floats(0, 10), max_size=30))
def test_no_more_starts_than_the_rate_allows(per_s: float, pauses_s: list[float]) -> None:
    clock = _Clock()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", clock)
        limiter = RateLimiter(per_s)
        starts_s: list[float] = []
        for pause_s in pauses_s:
            clock.now_s += pause_s
            starts_s.append(clock.now_s + limiter.delay_s())

    gaps_s = [after - before for before, after in pairwise(starts_s)]
    assert all(gap_s >= 1 / per_s - 1e-6 for gap_s in gaps_s)
