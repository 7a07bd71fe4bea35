"""The ordered sets of appendix A."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.tpch.queries import NUMBERS
from distdiag_core.workloads.benchmarks.tpch.query_order import ORDERED_SETS, order


def test_there_are_41_ordered_sets_and_no_two_are_alike() -> None:
    assert len(ORDERED_SETS) == len(set(ORDERED_SETS)) == 41


def test_the_power_test_begins_with_query_14() -> None:
    assert order(0)[:4] == (14, 2, 9, 20)
    assert order(0)[-2:] == (7, 12)


@given(st.integers(0, 10_000))
def test_each_stream_runs_each_query_once(stream: int) -> None:
    assert sorted(order(stream)) == list(NUMBERS)


def test_after_the_last_set_follows_the_first() -> None:
    assert order(40) == ORDERED_SETS[40]
    assert order(41) == ORDERED_SETS[0]
