"""Change of load or impaired service."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.untrained.load import ServiceJudge

METRICS = ("workload.tps", "workload.p95", "sysstat.trans_total_used_time", "host.cpu.usage")
NAN = float("nan")


@pytest.mark.parametrize(
    ("surprise", "load", "impaired"),
    [
        ((5, 0, 3, 6), True, False),
        ((-5, 0, -5, -6), True, False),
        ((-5, 0, 0, -6), False, True),
        ((5, 6, 5, 6), False, True),
        ((0, 6, 0, 0), False, True),
        ((0, 0, 0, 9), False, False),
        ((NAN, NAN, NAN, 9), False, False),
    ],
)
def test_throughput_latency_and_demand_decide(surprise: tuple[float, ...], load: bool, impaired: bool) -> None:  # noqa: FBT001
    values = np.array([surprise] * 3, dtype=np.float32)
    known = np.where(np.isnan(values), np.nan, 1).astype(np.float32)
    found = ServiceJudge(METRICS).judge(np.nan_to_num(values), np.nan_to_num(values), known)
    assert found.load_change.tolist() == [load] * 3
    assert found.impaired.tolist() == [impaired] * 3


def test_throughput_that_falls_where_nobody_waits_is_a_change_of_load() -> None:
    # An engine that counts no active sessions says zero, before and after.
    values = np.array([[-5, 0, 0, -6]] * 3, dtype=np.float32)
    newest = np.array([[1, 1, 0, 1]] * 3, dtype=np.float32)
    found = ServiceJudge(METRICS).judge(values, values, newest)
    assert found.load_change.all()
    assert not found.impaired.any()


def test_throughput_of_one_node_alone_is_no_change_of_load() -> None:
    values = np.zeros((3, 4), dtype=np.float32)
    values[0, 0] = 5
    assert not ServiceJudge(METRICS).judge(values, values, np.ones_like(values)).load_change.any()


def test_without_metrics_of_a_service_nothing_is_said() -> None:
    values = np.full((2, 1), 9, dtype=np.float32)
    found = ServiceJudge(("host.cpu.usage",)).judge(values, values, values)
    assert not found.load_change.any()
    assert not found.impaired.any()


def test_unknown_metrics_of_other_benchmarks_say_nothing_of_the_service() -> None:
    metrics = (*METRICS, "workload.tpcc.new_order.p95", "workload.tpcc.payment.p95", "workload.tpcc.new_order.tps")
    values = np.array([[0, 6, 0, 0, 0, 0, 0]] * 3, dtype=np.float32)
    newest = np.ones_like(values)
    newest[:, 4:] = NAN
    assert ServiceJudge(metrics).judge(values, values, newest).impaired.all()


def test_more_work_on_most_nodes_is_a_change_of_load_though_it_is_slower() -> None:
    metrics = (*METRICS, "sysstat.sql_update_count")
    values = np.array([[-5, 6, 0, 0, 9]] * 3, dtype=np.float32)
    judge = ServiceJudge(metrics)
    moves = values / np.float32(4)
    everywhere = judge.judge(values, moves, np.ones_like(values))
    assert everywhere.more_work
    assert everywhere.load_change.all()
    values[1:, 4] = 0
    on_one = judge.judge(values, moves, np.ones_like(values))
    assert not on_one.more_work
    assert not on_one.load_change.any()
    assert on_one.impaired.all()


@pytest.mark.parametrize(("throughput", "overload"), [(-5, True), (0, True), (5, False)])
def test_more_work_that_makes_it_many_times_slower_is_an_overload(throughput: float, overload: bool) -> None:  # noqa: FBT001
    metrics = (*METRICS, "sysstat.sql_update_count")
    values = np.array([[throughput, 9, 3, 5, 9]] * 3, dtype=np.float32)
    moves = values / np.float32(3)
    found = ServiceJudge(metrics).judge(values, moves, np.ones_like(values))
    assert found.impaired.all()
    assert found.more_work != overload
    assert found.load_change.tolist() == [not overload] * 3


def test_harm_grows_with_what_the_service_suffers() -> None:
    harms = []
    for size in (0, 1.5, 2.5, 4):
        slower = np.array([[0, size, 0, 0]], dtype=np.float32)
        stalled = np.array([[-size, 0, 0, 0]], dtype=np.float32)
        harms.append([float(ServiceJudge(METRICS).judge(each, each, np.ones_like(each)).harm[0])
                      for each in (slower, stalled)])  # fmt: skip
    assert harms == [[0, 0], [0.25, 0.25], [0.75, 0.75], [1, 1]]
