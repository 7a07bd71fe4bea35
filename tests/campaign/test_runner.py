"""A campaign on a cluster in memory: the labels fit the metrics, and an invalid case is never kept."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState
from distdiag_core.campaign.campaign import Campaign, CaseInjection, Normal, Scenario
from distdiag_core.campaign.runner import Outcome, Progress, run
from distdiag_core.campaign.schedule import schedule
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.errors import (
    CommandFailedError,
    ConfigError,
    DataError,
    DistdiagError,
    RefusedError,
    UnreachableError,
)
from tests.campaign.small import SINGLES
from tests.pages.json_shapes import mismatches_of_facts
from tests.small_cluster import NODES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from distdiag_core.dataset.case import Case
    from distdiag_core.runtime.operations import CampaignOperations
    from distdiag_core.runtime.runtime import Runtime
    from tests.small_cluster import SmallCluster

_ONE = replace(SINGLES, scenarios=(Scenario(("low",), together=(CaseInjection("cpu_stress", "n2", "high"),)),))
_PAIR = (
    CaseInjection("cpu_stress", "n1", "high"),
    CaseInjection("io_stress", "n2", "high"),
    CaseInjection("cpu_stress", "n3", "high"),
)
_NAME = "cpu_stress-n2-high-low-1"


def the_runtime_has_what_a_campaign_needs(runtime: Runtime) -> CampaignOperations:
    """Checked by the type checker alone: the cluster in memory stands in for this."""
    return runtime


async def _run(campaign: Campaign, cluster: SmallCluster, directory: Path) -> Outcome:
    return await run(campaign, cluster, directory, lambda _: None)


def _attempts(directory: Path) -> list[dict[str, Any]]:
    lines = (directory / "campaign.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[1:]]


def _assert_true(case: Case) -> None:
    """Every tick of a label shows its anomaly, and no tick that is called normal shows any."""
    window = case.window
    for label in case.labels:
        inside = (window.times_s >= label.start_s) & (window.times_s <= label.end_s)
        assert window.series(label.node, f"host.{label.anomaly}")[inside].all()
        assert inside.sum() >= 25
    for start_s, end_s in case.normal:
        inside = (window.times_s >= start_s) & (window.times_s <= end_s)
        assert not window.values[:, :2][:, :, inside].any()
        assert inside.any()
    assert np.array_equal(np.diff(window.times_s), np.ones(len(window) - 1))


async def test_every_case_has_its_parts_and_its_labels_fit(cluster: SmallCluster, tmp_path: Path) -> None:
    outcome = await _run(SINGLES, cluster, tmp_path)
    assert outcome == Outcome(4, 4, {})
    assert mismatches_of_facts("campaign run", outcome) == []
    written = case_directory.read_all(tmp_path)
    assert {case.name for case in written} == {planned.name for planned in schedule(SINGLES, NODES)}
    for case in written:
        _assert_true(case)
        (label,) = case.labels
        assert label.start_s - case.window.times_s[0] >= 20
        assert case.window.times_s[-1] - label.end_s >= 20
        assert len(case.normal) == 2
        # Nothing else is in the case, although the after part of one may be the before part of the next.
        assert case.window.values[:, :2].any(axis=2).sum() == 1
        threads = set(case.window.series("n1", "host.threads").tolist())
        assert len(threads) == 1
        assert case.workload == f"sysbench oltp_read_write, {threads.pop():.0f} threads a node"


async def test_the_load_of_a_campaign_ends_by_itself_when_the_campaign_is_killed(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    durations: set[float | None] = set()

    def look(_tick: int) -> None:
        if cluster.workload is not None:
            durations.add(cluster.workload.request.duration_s)

    cluster.on_tick = look
    await _run(SINGLES, cluster, tmp_path)
    assert durations == {3600.0}


async def test_several_anomalies_of_a_case_are_there_together(cluster: SmallCluster, tmp_path: Path) -> None:
    await _run(replace(SINGLES, scenarios=(Scenario(("low",), together=_PAIR),)), cluster, tmp_path)
    (case,) = case_directory.read_all(tmp_path)
    _assert_true(case)
    assert {(label.anomaly, label.node) for label in case.labels} == {(each.anomaly, each.node) for each in _PAIR}
    assert "inject cpu_stress on n1,n3" in cluster.log


async def test_a_change_of_load_is_a_part_of_a_normal_case(cluster: SmallCluster, tmp_path: Path) -> None:
    normal = (Normal(("none", "high", "none"), 30.0), Normal(("low",), 40.0))
    await _run(replace(SINGLES, scenarios=(), normal=normal), cluster, tmp_path)
    steady, changing = case_directory.read_all(tmp_path)
    assert (steady.name, changing.name) == ("normal-low-1", "normal-none-high-none-1")
    assert changing.labels == steady.labels == ()
    assert set(changing.window.series("n2", "host.threads").tolist()) == {0.0, 6.0}
    assert set(steady.window.series("n2", "host.threads").tolist()) == {2.0}
    assert changing.window.times_s[-1] - changing.window.times_s[0] >= 90


async def test_neighbouring_cases_share_normal_ticks(cluster: SmallCluster, tmp_path: Path) -> None:
    campaign = replace(_ONE, scenarios=(replace(_ONE.scenarios[0], repeats=2),))
    await _run(campaign, cluster, tmp_path)
    first, second = sorted(case_directory.read_all(tmp_path), key=lambda case: case.window.times_s[0])
    assert second.window.times_s[0] < first.window.times_s[-1]
    assert second.window.times_s[0] >= first.labels[0].end_s + campaign.recovery_s


async def test_a_second_run_records_only_missing_cases(cluster: SmallCluster, tmp_path: Path) -> None:
    await _run(_ONE, cluster, tmp_path)
    more = replace(_ONE, scenarios=(replace(_ONE.scenarios[0], repeats=2),))
    cluster.log.clear()
    assert await _run(more, cluster, tmp_path) == Outcome(2, 2, {})
    assert [act for act in cluster.log if act.startswith("inject")] == ["inject cpu_stress on n2"]
    cluster.log.clear()
    assert await _run(more, cluster, tmp_path) == Outcome(2, 2, {})
    assert cluster.log == []


async def test_an_interrupt_clears_everything_and_the_next_run_continues(cluster: SmallCluster, tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        done = len([path for path in tmp_path.iterdir() if path.is_dir()])
        if done == 2 and cluster.injected:
            cluster.on_tick = lambda _: None
            task.cancel()

    cluster.on_tick = interrupt
    task = asyncio.create_task(_run(SINGLES, cluster, tmp_path))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not cluster.injected
    assert cluster.workload is None
    assert len(case_directory.read_all(tmp_path)) == 2
    assert await _run(SINGLES, cluster, tmp_path) == Outcome(4, 4, {})
    for case in case_directory.read_all(tmp_path):
        _assert_true(case)


async def test_a_case_that_fails_once_is_tried_again_at_the_end(cluster: SmallCluster, tmp_path: Path) -> None:
    refused: list[InjectionRequest] = []

    def refuse_once(request: InjectionRequest) -> None:
        if not refused:
            refused.append(request)
            raise CommandFailedError("stress-ng: not found", where=request.nodes[0])

    cluster.refuse = refuse_once
    assert await _run(SINGLES, cluster, tmp_path) == Outcome(4, 4, {})
    attempts = _attempts(tmp_path)
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "done", "done", "done", "done"]
    assert attempts[0]["case"] == attempts[-1]["case"]
    assert "stress-ng: not found" in attempts[0]["reason"]


async def test_a_case_that_fails_twice_is_given_up_and_named(cluster: SmallCluster, tmp_path: Path) -> None:
    def refuse(request: InjectionRequest) -> None:
        if request.anomaly == "io_stress" and request.nodes == ("n1",):
            raise CommandFailedError("fio: not found", where="n1")

    cluster.refuse = refuse
    outcome = await _run(SINGLES, cluster, tmp_path)
    assert (outcome.done, list(outcome.failed.values())) == (3, ["n1: fio: not found"])
    assert mismatches_of_facts("campaign run", outcome) == []
    assert len(case_directory.read_all(tmp_path)) == 3


async def _assert_invalid(cluster: SmallCluster, directory: Path, reason: str) -> None:
    outcome = await _run(_ONE, cluster, directory)
    assert outcome.done == 0
    assert reason in outcome.failed[_NAME]
    assert not (directory / _NAME).exists()
    assert not cluster.injected


async def test_a_node_that_is_lost_makes_the_case_invalid(cluster: SmallCluster, tmp_path: Path) -> None:
    cluster.on_tick = lambda _: cluster.down.update({"n3"} if cluster.injected else ())
    await _assert_invalid(cluster, tmp_path, "n3")
    assert "n3 was lost: ssh: connection refused" in _attempts(tmp_path)[0]["reason"]


async def test_a_node_that_comes_back_is_waited_for(cluster: SmallCluster, tmp_path: Path) -> None:
    cluster.down = {"n1"}
    cluster.on_tick = lambda tick: cluster.down.clear() if tick == 50 else None
    assert await _run(_ONE, cluster, tmp_path) == Outcome(1, 1, {})
    (case,) = case_directory.read_all(tmp_path)
    _assert_true(case)
    # The tick of its return and the time to settle are no part of the case.
    assert case.window.times_s[0] >= 1_800_000_000.0 + 50 + _ONE.settle_s


async def test_a_cluster_that_stays_broken_is_not_begun_on(cluster: SmallCluster, tmp_path: Path) -> None:
    cluster.down = {"n1"}
    with pytest.raises(DistdiagError, match="the cluster does not become steady: n1 is down"):
        await _run(_ONE, cluster, tmp_path)
    assert cluster.log == []


async def test_an_injection_that_ends_by_itself_makes_the_case_invalid(cluster: SmallCluster, tmp_path: Path) -> None:
    since: list[int] = []

    def end(tick: int) -> None:
        since.append(tick) if cluster.injected else since.clear()
        if len(since) > 15:
            cluster.injected.clear()

    cluster.on_tick = end
    await _assert_invalid(cluster, tmp_path, "n2: cpu_stress has ended by itself")


async def test_somebody_elses_injection_makes_the_case_invalid_and_is_left_alone(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    def meddle(_: int) -> None:
        if len(cluster.injected) == 1:
            cluster.begin("theirs", "io_stress", "n1", owner="bob@there")

    cluster.on_tick = meddle
    outcome = await _run(_ONE, cluster, tmp_path)
    first, second = (attempt["reason"] for attempt in _attempts(tmp_path))
    assert first == "n1: bob@there injected io_stress meanwhile"
    assert second.startswith("the cluster does not become steady: io_stress is active on n1")
    assert outcome.done == 0
    assert {injection.owner for injection in cluster.injected.values()} == {"bob@there"}


async def test_injections_of_a_silent_node_do_not_count_as_ended(cluster: SmallCluster, tmp_path: Path) -> None:
    def fall_silent(_: int) -> None:
        if cluster.injected:
            cluster.silent.add("n2")

    cluster.on_tick = fall_silent
    with pytest.raises(UnreachableError, match=r"n2 cannot be asked: connection refused: an injection may still be"):
        await _run(_ONE, cluster, tmp_path)
    assert len(cluster.injected) == 1
    assert cluster.workload is None


async def test_a_load_that_stops_makes_the_case_invalid(cluster: SmallCluster, tmp_path: Path) -> None:
    def stop(_: int) -> None:
        if cluster.injected:
            cluster.workload = None

    cluster.on_tick = stop
    await _assert_invalid(cluster, tmp_path, "the load stopped: it is gone")


async def test_an_end_that_cannot_be_proved_makes_the_case_invalid(
    cluster: SmallCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = cluster.injections.clear

    async def clear_badly(ids: Sequence[str]) -> tuple[Injection, ...]:
        return tuple(replace(each, state=InjectionState.ORPHANED, detail="still there") for each in await clear(ids))

    monkeypatch.setattr(cluster.injections, "clear", clear_badly)
    await _assert_invalid(cluster, tmp_path, "cpu_stress could not be cleared: it is orphaned: still there")


async def test_ticks_that_are_missing_make_the_case_invalid(cluster: SmallCluster, tmp_path: Path) -> None:
    def skip(_: int) -> None:
        if cluster.injected:
            cluster.ticks += 3

    cluster.on_tick = skip
    await _assert_invalid(cluster, tmp_path, "ticks were sampled")


async def test_too_many_failures_in_a_row_end_it(cluster: SmallCluster, tmp_path: Path) -> None:
    def refuse(_: InjectionRequest) -> None:
        raise CommandFailedError("stress-ng: not found")

    cluster.refuse = refuse
    with pytest.raises(DistdiagError, match=r"6 cases failed in a row, the last one because: stress-ng: not found"):
        await _run(SINGLES, cluster, tmp_path)
    assert cluster.workload is None


async def test_it_does_not_begin_among_other_injections(cluster: SmallCluster, tmp_path: Path) -> None:
    cluster.begin("theirs", "cpu_stress", "n1")
    with pytest.raises(RefusedError, match="injections are active already: cpu_stress on n1"):
        await _run(_ONE, cluster, tmp_path)
    assert len(cluster.injected) == 1


async def test_the_injection_of_another_console_into_a_normal_case_stays(cluster: SmallCluster, tmp_path: Path) -> None:
    def meddle(tick: int) -> None:
        if tick == 30:
            cluster.begin("theirs", "cpu_stress", "n1", owner="bob@there")

    cluster.on_tick = meddle
    outcome = await _run(replace(_ONE, scenarios=(), normal=(Normal(("low",), 60.0),)), cluster, tmp_path)
    assert "bob@there" in _attempts(tmp_path)[0]["reason"]
    assert outcome.done == 0
    assert len(cluster.injected) == 1


async def test_the_requests_checked_at_the_start_are_those_of_the_run(cluster: SmallCluster, tmp_path: Path) -> None:
    await _run(SINGLES, cluster, tmp_path)
    at_the_start, later = cluster.planned[:4], cluster.planned[4:]
    assert set(at_the_start) == set(later)
    assert len(later) == 4


async def test_nodes_that_the_cluster_does_not_have_are_named(cluster: SmallCluster, tmp_path: Path) -> None:
    scenario = Scenario(("low",), together=(CaseInjection("cpu_stress", "n9", "high"),))
    with pytest.raises(ConfigError, match=r"does not have: n9; its nodes are: n1, n2, n3"):
        await _run(replace(_ONE, scenarios=(scenario,)), cluster, tmp_path)


async def test_another_campaigns_directory_is_refused(cluster: SmallCluster, tmp_path: Path) -> None:
    await _run(_ONE, cluster, tmp_path)
    with pytest.raises(ConfigError, match="holds cases of campaign small with seed 7, not of other with 7"):
        await _run(replace(_ONE, name="other"), cluster, tmp_path)


async def test_a_damaged_ledger_is_an_error(cluster: SmallCluster, tmp_path: Path) -> None:
    (tmp_path / "campaign.jsonl").write_text('{"campai')
    with pytest.raises(DataError, match="is damaged"):
        await _run(_ONE, cluster, tmp_path)


async def test_progress_says_how_far_it_is(cluster: SmallCluster, tmp_path: Path) -> None:
    reported: list[Progress] = []
    await run(SINGLES, cluster, tmp_path, reported.append)
    assert [each.done for each in reported if each.doing == "done"] == [1, 2, 3, 4]
    assert reported[-1].left_s == 0
    assert {each.total for each in reported} == {4}
    left_s = [each.left_s for each in reported]
    assert left_s == sorted(left_s, reverse=True)


async def test_a_case_may_be_longer_than_the_history_in_memory(cluster: SmallCluster, tmp_path: Path) -> None:
    scenario = replace(_ONE.scenarios[0], before_s=700.0, during_s=900.0, after_s=30.0)
    assert await _run(replace(_ONE, scenarios=(scenario,)), cluster, tmp_path) == Outcome(1, 1, {})
    (case,) = case_directory.read_all(tmp_path)
    _assert_true(case)
    assert len(case.window) > 1630
    assert case.normal[0][1] - case.normal[0][0] == 700


async def test_without_a_recording_there_is_no_campaign(recordless: SmallCluster, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cases are made from the recording, and nothing is recorded"):
        await _run(_ONE, recordless, tmp_path / "out")
    assert recordless.log == []
