"""The wait for the steady state before a case, and the tables of a load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from distdiag_core.campaign.campaign import Campaign, CaseInjection, Rotating, Scenario
from distdiag_core.campaign.load import Load
from distdiag_core.campaign.runner import Outcome, Progress, run
from distdiag_core.dataset.case_files import case_directory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.small_cluster import SmallCluster

_CPU = CaseInjection("cpu_stress", "n2", "high")
_TWICE = Campaign("small", 7, {"low": Load(threads=2)}, (Scenario(("low",), together=(_CPU,), repeats=2),))


async def _run(campaign: Campaign, cluster: SmallCluster, directory: Path) -> list[str]:
    reported: list[Progress] = []
    outcome = await run(campaign, cluster, directory, reported.append)
    assert outcome == Outcome(outcome.total, outcome.total, {})
    return [each.doing for each in reported]


async def test_a_case_begins_when_the_load_is_back_at_its_level(cluster: SmallCluster, tmp_path: Path) -> None:
    since_cleared = 0

    def drag(_: int) -> None:
        nonlocal since_cleared
        began = any(act.startswith("inject") for act in cluster.log)
        since_cleared = 0 if cluster.injected or not began else since_cleared + 1
        cluster.tps = 100.0 if not began or since_cleared > 35 else 10.0

    cluster.on_tick = drag
    said = await _run(_TWICE, cluster, tmp_path)
    assert "waiting, because n1 does 10 transactions a second and did 100, n2 does 10" in " ".join(said)
    second = max(case_directory.read_all(tmp_path), key=lambda case: case.window.times_s[0])
    (label,) = second.labels
    before = second.window.times_s < second.normal[0][1]
    assert (second.window.series("n1", "workload.tps")[before] == 100.0).sum() >= 20
    assert label.start_s > second.normal[0][1]


async def test_a_lasting_change_becomes_the_normal_load(cluster: SmallCluster, tmp_path: Path) -> None:
    def slow_down(_: int) -> None:
        if cluster.injected:
            cluster.tps = 40.0

    cluster.on_tick = slow_down
    said = await _run(_TWICE, cluster, tmp_path)
    assert any("did 100" in doing for doing in said)
    first, _second = sorted(case_directory.read_all(tmp_path), key=lambda case: case.window.times_s[0])
    # What comes after an anomaly is not called normal before it is.
    assert len(first.normal) == 1


async def test_a_load_that_has_stopped_for_good_makes_the_case_invalid(cluster: SmallCluster, tmp_path: Path) -> None:
    cluster.tps = 0.0
    outcome = await run(_TWICE, cluster, tmp_path, lambda _: None)
    assert outcome.done == 0
    assert all("the load does not become stable: nothing finishes on n1" in why for why in outcome.failed.values())


async def test_a_node_that_dies_between_cases_costs_an_attempt_and_no_case(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    died: list[int] = []

    def die(tick: int) -> None:
        if cluster.injected and not died:
            died.append(tick)
            cluster.down.add("n3")
        elif died and tick == died[0] + 40:
            cluster.down.clear()

    cluster.on_tick = die
    reported = await _run(_TWICE, cluster, tmp_path)
    failed = [doing for doing in reported if doing.startswith("failed")]
    assert failed == ["failed: n3 was lost: ssh: connection refused; sql: connection refused"]
    assert any("waiting, because n3 is down" in doing for doing in reported)
    attempts = [json.loads(line) for line in (tmp_path / "campaign.jsonl").read_text().splitlines()[1:]]
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "done", "done"]
    assert attempts[0]["case"] == attempts[-1]["case"]


async def test_only_the_tables_of_the_benchmark_that_runs_are_there(cluster: SmallCluster, tmp_path: Path) -> None:
    loads = {"low": Load(threads=2), "high": Load(threads=6), "orders": Load("tpcc", threads=2)}
    scenario = Scenario(tuple(loads), "A1", rotate=(Rotating("cpu_stress"),), repeats=3)
    await _run(Campaign("mixed", 3, loads, (scenario,)), cluster, tmp_path)
    there: set[str] = set()
    for act in cluster.log:
        verb, _, kind = act.rpartition(" ")
        if verb == "clean up":
            there.discard(kind)
        elif verb == "prepare":
            there.add(kind)
        elif act.startswith("start"):
            assert there == {"tpcc" if act.startswith("start mix") else "sysbench"}
    written = case_directory.read_all(tmp_path)
    assert {case.workload for case in written} == {
        "sysbench oltp_read_write, 2 threads a node", "sysbench oltp_read_write, 6 threads a node",
        "tpcc mix, 2 threads a node",
    }  # fmt: skip
    assert {case.scenario for case in written} == {"A1"}
