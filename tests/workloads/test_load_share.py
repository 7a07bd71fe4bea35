"""Shares of a load, and figures that several generators measure together."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.clients.run_totals import RunTotals
from distdiag_core.workloads.control.past_runs import totals_of
from distdiag_core.workloads.load_profile import LoadProfile, LoadStep
from distdiag_core.workloads.load_share import LoadShare, check_divisible, merged
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_shares_make_up_the_whole_and_differ_by_one_at_most(whole: int, of: int) -> None:
    parts = [LoadShare(index, of).part(whole) for index in range(of)]
    assert sum(parts) == whole
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize(
    ("threads", "rate", "steps"),
    [(1, 0, ()), (4, 1, ()), (4, 0, (LoadStep(1, 8), LoadStep(1, 1))), (4, 0, (LoadStep(1, 8, 1),))],
)
def test_a_load_of_which_a_generator_would_get_nothing_is_refused(
    threads: int, rate: int, steps: tuple[LoadStep, ...]
) -> None:
    request = WorkloadRequest(nodes=("n1",), threads=threads, rate=rate)
    with pytest.raises(ConfigError, match="cannot be divided among 2 generators"):
        check_divisible(request, LoadProfile(steps), 2)
    check_divisible(request, LoadProfile(steps), 1)


def test_figures_are_summed_and_latencies_weighted_with_what_finished() -> None:
    one = WorkloadFigures(30, 60, 10, 1, 2, 5, math.nan, {"pay": TypeFigures(3, 1, 2, 3, 1)}, {"tpmc": 100})
    two = WorkloadFigures(10, 20, 50, 2, 1, 9, math.nan, {"pay": TypeFigures(1, 5, 6, 7, 0)}, {"tpmc": 50}, "a query")
    idle = WorkloadFigures(0, 0, math.nan, 0, 1)

    together = merged([one, two, idle])

    assert (together.tps, together.qps, together.errors_per_s, together.threads) == (40, 80, 3, 4)
    assert (together.p50_ms, together.p95_ms) == (6, 20)
    assert math.isnan(together.p99_ms)
    assert together.types == {"pay": TypeFigures(4, 2, 3, 4, 1)}
    assert (together.extra, together.note) == ({"tpmc": 150}, "a query")


def test_totals_of_the_parts_of_a_run_are_those_of_the_run() -> None:
    parts = [RunTotals(60, 30, 60, 1, 5, 10, None, 40), RunTotals(58, 10, 20, 2, 9, 50, None, 90)]
    assert totals_of(parts) == RunTotals(60, 40, 80, 3, 6, 20, None, 90)
