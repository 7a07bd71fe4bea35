"""Change of load or impaired service."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.untrained.load import ServiceJudge

METRICS = ("workload.tps", "workload.p95", "sysstat.active_sessions", "host.cpu.usage")
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


def test_more_work_on_most_nodes_is_a_change_of_load_whatever_the_latency() -> None:
    metrics = (*METRICS, "sysstat.sql_update_count")
    values = np.array([[-5, 6, 0, 0, 9]] * 3, dtype=np.float32)
    judge = ServiceJudge(metrics)
    everywhere = judge.judge(values, values, np.ones_like(values))
    assert everywhere.more_work
    assert everywhere.load_change.all()
    values[1:, 4] = 0
    on_one = judge.judge(values, values, np.ones_like(values))
    assert not on_one.more_work
    assert not on_one.load_change.any()
    assert on_one.impaired.all()
