"""Experiments on a cluster in memory: the order of their steps, the cost of anomalies, and what is left at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.compound import CompoundRequest
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.campaign.load import Load
from distdiag_core.errors import CommandFailedError, ConfigError, DistdiagError, RefusedError
from distdiag_core.experiments import experiment_files, report
from distdiag_core.experiments.experiment import ExperimentPlan, ExperimentResult, Stretch
from distdiag_core.experiments.experiment_runner import ExperimentRunner
from tests.small_cluster import SmallCluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAN = ExperimentPlan(
    "both",
    Load(script="oltp_read_write"),
    CompoundRequest.of(
        InjectionRequest("cpu_stress", ("n1",), "high", 20.0), InjectionRequest("io_stress", ("n2",), "low", 40.0)
    ),
    before_s=10,
    after_s=10,
)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SmallCluster]:
    """An anomaly halves what the clients get done, and ends at its deadline."""
    with SmallCluster(tmp_path) as small:

        def on_tick(_: int) -> None:
            small.injected = {name: each for name, each in small.injected.items() if each.deadline_s > small.now_s}
            small.tps = 100.0 / 2 ** len(small.injected)

        small.on_tick = on_tick
        yield small


async def run(cluster: SmallCluster, plan: ExperimentPlan = PLAN) -> ExperimentResult:
    """Run it; each step is in the log of the cluster."""
    return await ExperimentRunner(plan, cluster, cluster.log.append).run()


async def test_it_reports_what_anomalies_cost_alone_and_together(cluster: SmallCluster) -> None:
    result = await run(cluster)

    assert [each.name for each in result.stretches] == ["before", "during", "during", "after"]
    assert [each.level.tps for each in result.stretches if each.level] == [300.0, 75.0, 150.0, 300.0]
    assert [len(each.anomalies) for each in result.stretches] == [0, 2, 1, 0]
    first, second = result.parts
    assert (first.state, second.state) == ("ended", "ended")
    assert first.level is not None
    assert first.level.tps == 75.0
    assert cluster.workload is None
    assert [line for line in cluster.log if line.partition(":")[0] in ("load", "before", "anomalies", "after")] == [
        "load: starting, and waiting until it is stable",
        "before: 10 s of stable load",
        "anomalies: injecting",
        "anomalies: all begun, waiting for their end",
        "after: 10 s without anomalies",
        "load: stopping",
    ]


async def test_a_part_that_fails_is_in_the_report_and_the_others_are_measured(cluster: SmallCluster) -> None:
    def refuse(request: InjectionRequest) -> None:
        if request.anomaly == "io_stress":
            raise CommandFailedError("the disk is full", where="n2")

    cluster.refuse = refuse
    result = await run(cluster)
    assert [each.state for each in result.parts] == ["ended", "failed"]
    assert "the disk is full" in result.problem
    page = report.markdown(result)
    assert "| cpu\\_stress" not in page
    assert "| cpu_stress high | n1 | +0 s for 20 s |" in page
    assert "io_stress on n2 failed: n2: the disk is full" in page
    assert "| before | " in page
    assert "| 150.0 | -50 |" in page


async def test_a_lost_node_ends_it_and_nothing_is_left(cluster: SmallCluster) -> None:
    def on_tick(tick: int) -> None:
        if any("before" in line for line in cluster.log):
            cluster.down = {"n3"}

    cluster.on_tick = on_tick
    with pytest.raises(DistdiagError, match="n3"):
        await run(cluster)
    assert (cluster.workload, cluster.injected) == (None, {})


async def test_on_production_load_and_anomalies_need_the_name_of_the_cluster(cluster: SmallCluster) -> None:
    cluster.cluster = replace(cluster.cluster, production=True)
    with pytest.raises(RefusedError, match="production"):
        await run(cluster)
    result = await ExperimentRunner(PLAN, cluster, cluster.log.append, confirmed="small").run()
    assert [each.state for each in result.parts] == ["ended", "ended"]


@pytest.mark.usefixtures("own_places")
async def test_experiments_are_kept_read_and_compared(cluster: SmallCluster) -> None:
    result = await run(cluster)
    experiment_files.write(result)
    assert experiment_files.free_name("both") == "both-2"
    worse = replace(result, name="worse", load="more", began_s=result.began_s + 1)
    worse = replace(worse, stretches=tuple(_halved(each) for each in result.stretches))
    experiment_files.write(worse)
    assert experiment_files.read_all() == (worse, result)
    found = {each.figure: each.percent for each in report.differences(result, worse)}
    assert found["before tps"] == found["after tps"] == -50
    assert report.unlike(result, worse) == (f"load: {result.load} and more",)
    with pytest.raises(ConfigError, match="there are: both, worse"):
        experiment_files.read("best")


async def test_an_experiment_of_hours_is_measured_from_its_first_second(cluster: SmallCluster) -> None:
    # Its levels of the first hour are long out of the ten minutes that the core keeps.
    request = CompoundRequest.of(InjectionRequest("cpu_stress", ("n1",), "low", 3600.0))
    result = await run(cluster, replace(PLAN, request=request, before_s=1800, after_s=1800))
    assert [(each.name, round(each.seconds, -2)) for each in result.stretches] == [
        ("before", 1800),
        ("during", 3600),
        ("after", 1800),
    ]
    assert [each.level.tps for each in result.stretches if each.level] == [300.0, 150.0, 300.0]


def test_a_stretch_that_is_too_short_or_no_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="before the anomalies must be 1 s or more"):
        replace(PLAN, before_s=0.5)
    with pytest.raises(ConfigError, match="cannot be the name"):
        replace(PLAN, name="../x")


def _halved(each: Stretch) -> Stretch:
    level = each.level
    return each if level is None or level.tps is None else replace(each, level=replace(level, tps=level.tps / 2))
