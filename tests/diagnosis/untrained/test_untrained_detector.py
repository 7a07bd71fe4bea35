"""The detection without training on made-up streams."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.untrained.untrained_detector import UntrainedDetector
from distdiag_core.metrics.frame import Window
from tests.diagnosis.untrained.streams import HOST, MORE_LOAD, SQL, TROUBLE, accused, multiply, noise, observe

SLIGHTLY = ("host.cpu.usage", "host.load.1", "host.disk.busy", "host.disk.latency", "host.memory.used",
            "host.network.packets_in")  # fmt: skip
OVERLOAD = {"workload.tps": 0.8, "sysstat.trans_commit_count": 0.8, "sysstat.trans_latency": 20.0, "workload.p95": 20.0}


@pytest.mark.parametrize("metrics", [HOST, SQL, HOST + SQL])
@pytest.mark.parametrize("nodes", [1, 2, 3, 5])
def test_a_step_on_one_node_is_found_whatever_is_collected(metrics: tuple[str, ...], nodes: int) -> None:
    window = noise(1, nodes, metrics)
    multiply(window, TROUBLE, (0,), 60, 90)
    seen = observe(window)
    assert accused(seen) == {"n1"}
    first = next(tick for tick, each in enumerate(seen) if each.anomalous[0])
    assert 61 <= first <= 68
    assert 60 <= seen[first].since_s[0] - window.times_s[0] <= first
    assert seen[first].score[0] >= 0.5
    evidence = seen[first].evidence(0)
    assert {each.metric for each in evidence[:3]} <= set(TROUBLE)
    assert all(each.now != each.before for each in evidence)
    assert (evidence[0].peers is None) == (nodes == 1)
    assert not seen[-1].anomalous.any()


@pytest.mark.parametrize(("stop", "found"), [(68, set()), (100, {"n2"})])
def test_a_slight_deviation_is_found_once_it_has_lasted(stop: int, found: set[str]) -> None:
    window = noise(10, metrics=HOST)
    multiply(window, dict.fromkeys(SLIGHTLY, 2.0), (1,), 60, stop)
    assert accused(observe(window)) == found


def test_an_overload_of_all_nodes_is_no_change_of_load() -> None:
    window = noise(11)
    multiply(window, {**MORE_LOAD, **OVERLOAD}, (0, 1, 2), 60, 100)
    assert accused(observe(window)) == {"n1", "n2", "n3"}


def test_it_works_in_the_first_minute() -> None:
    window = noise(2, ticks=50)
    multiply(window, TROUBLE, (1,), 25, 50)
    assert accused(observe(window)) == {"n2"}


@pytest.mark.parametrize("nodes", [1, 3])
def test_steady_operation_accuses_nobody(nodes: int) -> None:
    for seed in range(3):
        assert accused(observe(noise(seed, nodes, ticks=250))) == set()


@pytest.mark.parametrize("factor", [1.0, -1.0])
@pytest.mark.parametrize("nodes", [1, 3])
def test_a_change_of_load_is_named_so(nodes: int, factor: float) -> None:
    window = noise(3, nodes)
    multiply(window, {metric: more**factor for metric, more in MORE_LOAD.items()}, tuple(range(nodes)), 60, 150)
    seen = observe(window)
    assert accused(seen) == set()
    assert any(each.load_change.all() for each in seen[60:75])
    assert not any(each.load_change.any() for each in seen[:60])


def test_a_change_of_load_that_reaches_the_nodes_unequally_accuses_nobody() -> None:
    window = noise(3)
    for node, factor in enumerate((0.4, 0.25, 0.4)):
        multiply(window, dict.fromkeys(MORE_LOAD, factor), (node,), 60, 150)
    assert accused(observe(window)) == set()


def test_an_anomaly_under_a_change_of_load_is_still_one() -> None:
    window = noise(4)
    multiply(window, MORE_LOAD, (0, 1, 2), 60, 150)
    multiply(window, TROUBLE, (2,), 62, 110)
    assert accused(observe(window)) == {"n3"}


def test_a_service_that_is_worse_on_all_nodes_is_no_change_of_load() -> None:
    window = noise(5)
    multiply(window, TROUBLE, (0, 1, 2), 60, 90)
    assert accused(observe(window)) == {"n1", "n2", "n3"}


@pytest.mark.parametrize("gap", [slice(30, 60), slice(60, 100), slice(0, 40)])
def test_gaps_accuse_nobody(gap: slice) -> None:
    window = noise(6)
    window.values[0, :, gap] = np.nan
    window.values[1, : len(HOST), gap] = np.nan
    window.values[2, 3, gap] = np.nan
    assert accused(observe(window)) == set()


def test_a_lasting_change_becomes_the_normal_state() -> None:
    window = noise(7, ticks=420)
    multiply(window, TROUBLE, (0,), 60, 420)
    seen = observe(window)
    assert seen[80].anomalous[0]
    assert not seen[-1].anomalous.any()


def test_after_a_reset_the_present_is_normal() -> None:
    window = noise(8)
    multiply(window, TROUBLE, (0,), 60, 150)
    detector = UntrainedDetector(1.0)
    assert observe(Window(window.times_s[:80], window.nodes, window.metrics, window.values[..., :80]), detector)[
        -1
    ].anomalous[0]
    detector.reset_baseline(float(window.times_s[79]))
    later = [
        detector.observe(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
        for end in range(81, 150)
    ]
    assert accused(later) == set()
    assert not later[0].has_past.any()
    assert later[-1].has_past.all()


def test_other_nodes_begin_anew() -> None:
    detector = UntrainedDetector(1.0)
    observe(noise(9, 2, ticks=40), detector)
    seen = observe(noise(9, 3, ticks=5), detector)
    assert seen[-1].nodes == ("n1", "n2", "n3")
    assert not seen[-1].has_past.any()
