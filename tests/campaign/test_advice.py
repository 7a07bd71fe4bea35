"""Advice for a dataset: underrepresented parts are named, and the advised campaign records them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.campaign import campaign
from distdiag_core.campaign.advice import ENOUGH, advise
from distdiag_core.campaign.schedule import schedule
from distdiag_core.dataset.case import Case, Label
from distdiag_core.metrics.frame import Window
from tests.small_cluster import NODES

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.campaign.schedule import PlannedCase

LOADS = ("sysbench oltp_read_write, 2 threads a node", "sysbench oltp_read_write, 4 threads a node")


def make_case(*labels: Label, load: str = LOADS[0], ticks: int = 60) -> Case:
    window = Window(np.arange(float(ticks)), NODES, (), np.empty((len(NODES), 0, ticks), dtype=np.float32))
    return Case("x", window, 1.0, labels, group="g", workload=load)


def label(node: str, severity: str = "high", anomaly: str = "cpu_stress") -> Label:
    return Label(anomaly, node, 20, 49, severity)


def planned(advice: object, path: Path) -> tuple[PlannedCase, ...]:
    """What running the advised campaign would record."""
    path.write_text(str(advice))
    return schedule(campaign.load(path), NODES)


def test_underrepresented_anomalies_are_named_and_planned(tmp_path: Path) -> None:
    known = [make_case(label("n1"), load=LOADS[turn % 2]) for turn in range(4)]
    advice = advise(known, ["cpu_stress", "io_stress"], NODES)
    assert "cpu_stress on n2: 0 of 3 cases" in advice.reasons
    assert "cpu_stress at severity medium: 0 of 3 cases" in advice.reasons
    assert "io_stress under load rw4: 0 of 2 cases" in advice.reasons
    assert not any(reason.startswith("cpu_stress on n1") for reason in advice.reasons)

    wanted = [injection for case in planned(advice, tmp_path / "advised.yaml") for injection in case.injections]
    by_place = Counter((each.anomaly, each.node) for each in wanted)
    assert all(by_place["io_stress", node] >= ENOUGH for node in NODES)
    assert all(by_place["cpu_stress", node] >= ENOUGH for node in ("n2", "n3"))
    assert sum(each.severity == "medium" for each in wanted if each.anomaly == "cpu_stress") >= ENOUGH


def test_missing_normal_operation_is_planned(tmp_path: Path) -> None:
    known = [
        replace(make_case(label(node, severity), load=load, ticks=50), normal=((0.0, 5.0),))
        for node in NODES
        for severity in ("medium", "high")
        for load in LOADS
    ]
    advice = advise(known, ["cpu_stress"], NODES)
    (reason,) = advice.reasons
    assert reason.endswith(" normal samples to be in balance")
    cases = planned(advice, tmp_path / "advised.yaml")
    assert not any(case.injections for case in cases)
    missing = int(reason.split()[1])
    assert sum(case.during_s * len(case.loads) for case in cases) >= missing


def test_anomalies_missing_for_balance_are_planned(tmp_path: Path) -> None:
    known = [
        make_case(label(node, severity), load=load)
        for node in NODES
        for severity in ("medium", "high")
        for load in LOADS
    ]
    known.append(make_case(ticks=3000))
    advice = advise(known, ["cpu_stress"], NODES)
    assert [reason.split(maxsplit=2)[2] for reason in advice.reasons] == ["anomalous samples to be in balance"]
    wanted = Counter(each.node for case in planned(advice, tmp_path / "a.yaml") for each in case.injections)
    assert max(wanted.values()) - min(wanted.values()) <= 1


def test_a_sufficient_dataset_gets_no_advice() -> None:
    known = [
        make_case(label(node, severity), load=load)
        for node in NODES
        for severity in ("medium", "high")
        for load in LOADS
    ]
    assert advise(known, ["cpu_stress"], NODES).reasons == ()


def test_excluded_cases_do_not_count() -> None:
    known = [replace(make_case(label("n1")), excluded="n1 was lost")]
    assert "cpu_stress on n1: 0 of 3 cases" in advise(known, ["cpu_stress"], ["n1"]).reasons
