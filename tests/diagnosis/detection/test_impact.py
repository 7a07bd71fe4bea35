"""Throughput lost and latency added, against the clean past and the peers; unknown where nothing is measured."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from distdiag_core.diagnosis.detection.impact import ClusterImpact, _median_of_others, impact
from distdiag_core.metrics.frame import Window

NODES = ("n1", "n2", "n3")
CLIENTS, DATABASE = ("workload.tps", "workload.p95"), ("sysstat.trans_commit_count", "sysstat.trans_latency")
PAST, NEWEST = np.arange(20), 5
TICKS = 30
Rows = Sequence[Sequence[float]]


def window_of(metrics: tuple[str, ...], before: Rows, now: Rows) -> Window:
    """Each metric of each node at one level up to tick 24, and at another from there; a list a metric."""
    values = np.empty((len(before[0]), len(metrics), TICKS), dtype=np.float32)
    values[..., : TICKS - NEWEST] = np.array(before).T[..., None]
    values[..., TICKS - NEWEST :] = np.array(now).T[..., None]
    return Window(np.arange(TICKS, dtype=np.float64), NODES[: len(before[0])], metrics, values)


def cost(window: Window) -> ClusterImpact:
    found = impact(window, PAST, NEWEST)
    assert found is not None
    return found


def test_a_node_is_set_against_its_past_and_its_peers() -> None:
    found = cost(window_of(CLIENTS, [[100, 100, 200], [10, 10, 20]], [[58, 90, 180], [31, 10, 20]]))

    assert str(found.nodes["n1"]) == "tps -42 %, latency x3.1"
    assert str(found.nodes["n2"]) == "tps -10 %, latency x1.0"
    throughput = found.nodes["n1"].throughput
    assert throughput is not None
    assert (throughput.now, throughput.expected) == (58, 100)
    assert throughput.peers == pytest.approx(0.9)


def test_the_cluster_adds_up_throughput_and_weighs_latency_by_it() -> None:
    found = cost(window_of(CLIENTS, [[100, 300], [10, 20]], [[50, 150], [40, 40]]))

    assert found.whole.throughput is not None
    assert (found.whole.throughput.now, found.whole.throughput.expected) == (200, 400)
    assert found.whole.latency is not None
    assert (found.whole.latency.now, found.whole.latency.expected) == pytest.approx((40, 17.5))
    assert found.whole.throughput.peers is None


def test_without_clients_the_commits_of_the_database_count() -> None:
    unknown = [np.nan] * 3
    before, now = [[100, 100, 100], [5, 5, 5]], [[20, 100, 100], [25, 5, 5]]
    found = cost(window_of((*CLIENTS, *DATABASE), [unknown, unknown, *before], [unknown, unknown, *now]))

    assert str(found.nodes["n1"]) == "tps -80 %, latency x5.0"
    assert found.nodes["n1"].throughput is not None
    assert found.nodes["n1"].throughput.metric == "sysstat.trans_commit_count"


def test_where_no_transaction_ends_any_more_the_latency_is_unknown() -> None:
    found = cost(window_of(CLIENTS, [[100, 100], [10, 10]], [[0, 100], [np.nan, 10]]))

    assert str(found.nodes["n1"]) == "tps -100 %"
    assert str(found.whole) == "tps -50 %, latency x1.0"


def test_a_single_node_has_no_peers() -> None:
    throughput = cost(window_of(CLIENTS, [[100], [10]], [[50], [20]])).nodes["n1"].throughput

    assert throughput is not None
    assert throughput.peers is None


def test_a_node_without_clients_is_left_out() -> None:
    found = cost(window_of(CLIENTS, [[100, np.nan], [10, np.nan]], [[50, np.nan], [20, np.nan]]))

    assert set(found.nodes) == {"n1"}
    assert str(found.whole) == "tps -50 %, latency x2.0"


@pytest.mark.parametrize(
    ("metrics", "before", "now"),
    [
        pytest.param(DATABASE, [[6, 5, 7], [3, 3, 3]], [[1, 5, 7], [9, 3, 3]], id="only upkeep"),
        pytest.param(CLIENTS, [[np.nan] * 3] * 2, [[50] * 3, [20] * 3], id="no clients before"),
        pytest.param(CLIENTS, [[50] * 3, [20] * 3], [[np.nan] * 3] * 2, id="no clients any more"),
        pytest.param(("host.cpu.usage",), [[5, 5, 5]], [[99, 5, 5]], id="not collected"),
    ],
)
def test_without_a_workload_it_is_unknown(metrics: tuple[str, ...], before: Rows, now: Rows) -> None:
    assert impact(window_of(metrics, before, now), PAST, NEWEST) is None


def test_without_a_past_it_is_unknown() -> None:
    window = window_of(CLIENTS, [[100], [10]], [[50], [20]])
    assert impact(window, np.arange(0), NEWEST) is None


FIGURES = st.one_of(st.floats(0, 1e6, width=32), st.just(np.nan))


@given(values=hnp.arrays(np.float32, (3, 4, 8), elements=FIGURES), past=st.sets(st.integers(0, 5)))
def test_whatever_was_measured_what_is_said_is_a_number(values: np.ndarray, past: set[int]) -> None:
    window = Window(np.arange(8, dtype=np.float64), NODES, (*CLIENTS, *DATABASE), values)
    found = impact(window, np.array(sorted(past), dtype=np.intp), 2)
    if found is None:
        return
    json.dumps(found.as_dict(), allow_nan=False)
    for each in (found.whole, *found.nodes.values()):
        assert str(each)
        assert each.throughput is None or each.throughput.expected > 0


@given(hnp.arrays(np.float32, st.integers(1, 9), elements=FIGURES))
def test_the_peers_are_all_nodes_but_the_own_one(factors: np.ndarray) -> None:
    found = _median_of_others(factors)
    for node, factor in enumerate(factors):
        others = np.delete(factors, node)
        known = others[~np.isnan(others)]
        if np.isnan(factor) or not len(known):
            assert np.isnan(found[node])
        else:
            assert found[node] == pytest.approx(float(np.median(known)))
