"""Totals of a run, and the comparison of two runs."""

from __future__ import annotations

import math

import pytest

from distdiag_core.workloads.clients.run_log import NodeRun, PastRun
from distdiag_core.workloads.clients.run_totals import RunTally, RunTotals
from distdiag_core.workloads.control import run_comparison
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

_NAN = math.nan


def _totals(*seconds: WorkloadFigures) -> RunTotals:
    tally = RunTally()
    for each in seconds:
        tally.add(each)
    return tally.totals()


def test_rates_are_means_and_latencies_are_weighted_by_transactions() -> None:
    totals = _totals(WorkloadFigures(30, 600, 10, 0, 4), WorkloadFigures(10, 200, 50, 2, 4))

    assert (totals.seconds, totals.tps, totals.qps, totals.errors_per_s) == (2, 20, 400, 1)
    assert totals.p95_ms == pytest.approx(20)
    assert totals.worst_p95_ms == 50
    assert totals.p50_ms is None


def test_a_second_without_a_transaction_has_no_latency_but_counts_as_a_second() -> None:
    totals = _totals(WorkloadFigures(30, 600, 10, 0, 4), WorkloadFigures(0, 0, _NAN, 0, 4))

    assert (totals.tps, totals.p95_ms) == (15, 10)


def test_a_run_without_reports_has_empty_totals() -> None:
    assert _totals() == RunTotals()


def test_types_and_further_figures_have_totals_too() -> None:
    new_order = TypeFigures(4, p95_ms=8, errors_per_s=1)
    first = WorkloadFigures(9, 9, 9, 0, 1, types={"new_order": new_order}, extra={"tpmc": 240})

    totals = _totals(first, WorkloadFigures(0, 0, _NAN, 0, 1))

    assert totals.extra == {"tpmc": 120}
    assert (totals.types["new_order"].tps, totals.types["new_order"].errors_per_s) == (2, 0.5)
    assert totals.types["new_order"].p95_ms == 8


def _run(name: str, threads: int, **totals: RunTotals) -> PastRun:
    nodes = {node: NodeRun(0, 60, "its time was up", each) for node, each in totals.items()}
    return PastRun(name, WorkloadRequest(nodes=tuple(nodes), threads=threads), 0, 60, "its time was up", nodes)


def test_two_runs_are_compared_figure_by_figure() -> None:
    before = _run("a", 4, n1=RunTotals(60, 100, 2000, 0, p95_ms=20))
    after = _run("b", 4, n1=RunTotals(60, 25, 500, 3, p95_ms=200))

    found = run_comparison.compare(before, after)

    by_name = {each.figure: each for each in found.differences}
    assert (by_name["tps"].change, by_name["tps"].percent) == (-75, -75)
    assert (by_name["p95_ms"].change, by_name["p95_ms"].percent) == (180, 900)
    assert by_name["errors_per_s"].percent is None
    assert by_name["p50_ms"].change is None
    assert found.unlike == ()


def test_differences_of_the_requests_are_listed() -> None:
    found = run_comparison.compare(_run("a", 4, n1=RunTotals(), n2=RunTotals()), _run("b", 8, n1=RunTotals()))

    assert [each.partition(":")[0] for each in found.unlike] == ["nodes", "threads"]
    assert {each.node for each in found.differences} == {"n1"}


def test_a_running_run_can_be_compared() -> None:
    going = PastRun("b", WorkloadRequest(nodes=("n1",)), 0, None, "", {"n1": NodeRun(0)})

    found = run_comparison.compare(_run("a", 4, n1=RunTotals(60, 100)), going)

    assert {each.after for each in found.differences} == {None}
