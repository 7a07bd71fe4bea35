"""Campaign files: accepted ones, refused ones, and those that ship."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from distdiag_core.campaign.campaign import Campaign, load
from distdiag_core.campaign.schedule import expected_s, schedule
from distdiag_core.errors import ConfigError
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import TpccOptions
from tests.small_cluster import NODES

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = """
name: small
seed: 1
loads: {low: {threads: 2}}
scenarios:
- each: {anomalies: [cpu_stress], nodes: [n1], severities: [high]}
  loads: [low]
normal:
- {loads: [low, none], for_s: 30}
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(text)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    campaign = load(_write(tmp_path, _GOOD))
    assert campaign.loads["low"].threads == 2
    assert campaign.scenarios[0].during_s == 25.0
    assert campaign.normal[0].length_s == 60.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 1", "sede: 1", "sede: unknown key"),
        ("seed: 1", "seed: 1\nseed_: 2", "seed_: unknown key"),
        ("{threads: 2}", "{threads: 0}", "threads must be at least 1, not 0"),
        ("{threads: 2}", "{threads: 2, rate: -1}", "rate must be at least 0, not -1"),
        ("{threads: 2}", "{threads: lots}", r"loads\.low\.threads"),
        ("loads: [low]", "loads: [high]", "the load 'high' is used but not defined; defined: low, none"),
        ("loads: [low]", "loads: []", "loads is empty"),
        ("nodes: [n1]", "nodes: []", "nodes is empty"),
        ("[high]}", "[highest]}", r"severities\.0"),
        ("loads: {low", "loads: {none: {}, low", "the load `none` is built in"),
        ("name: small", "name: ../small", "'../small' is no name"),
        ("loads: [low]", "loads: [low]\n  before_s: 0", "before_s must be at least 1, not 0"),
        ("loads: [low]", "loads: [low]\n  during_s: .nan", "during_s must be at least 1, not nan"),
        ("loads: [low]", "loads: [low]\n  together: [{anomaly: a, node: n1, severity: low}]", "give either `each`"),
        ("seed: 1", "seed: [1", "is not valid YAML"),
        ("{threads: 2}", "{kind: tpcd}", "no workload is called 'tpcd'; there are sysbench, tpcc, tpch"),
        ("{threads: 2}", "{script: mix}", "sysbench has no script 'mix'; there are oltp_read_write"),
        ("{threads: 2}", "{kind: tpcc, options: {warehouse: 1}}", "there is no option 'warehouse'"),
        ("{threads: 2}", "{kind: tpcc, options: {scale: 200}}", "give a whole number of at least 1 and at most 100"),
        (
            "{low: {threads: 2}}",
            "{low: {}, more: {options: {tables: 9}}}",
            "the loads of sysbench want different tables",
        ),
        ("each: {anomalies: [cpu_stress], nodes: [n1], severities: [high]}", "rotate: []", "give either `each`"),
        (
            "each: {anomalies: [cpu_stress], nodes: [n1], severities: [high]}",
            "rotate: [{anomaly: a, nodes: 0}]",
            "nodes",
        ),
        ("loads: [low]", "loads: [low]\n  name: a/b", "'a/b' is no name"),
    ],
)
def test_a_problem_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in _GOOD
    with pytest.raises(ConfigError, match=message):
        load(_write(tmp_path, _GOOD.replace(old, new, 1)))


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    text = _GOOD.replace("{threads: 2}", "{threads: 0, rate: -1}").replace("for_s: 30", "for_s: 0")
    with pytest.raises(ConfigError) as caught:
        load(_write(tmp_path, text))
    for part in ("threads must be", "rate must be", "for_s must be"):
        assert part in str(caught.value)


def test_an_empty_campaign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither scenarios nor normal"):
        load(_write(tmp_path, "name: empty\nseed: 1\nloads: {}"))


@pytest.mark.parametrize(("name", "cases", "most_minutes"), [("lab-singles", 36, 42), ("lab-unseen", 21, 32)])
def test_the_shipped_campaigns_cover_every_node_and_anomaly(name: str, cases: int, most_minutes: int) -> None:
    campaign = load(places.shipped_config() / "scenarios" / f"{name}.yaml")
    planned = schedule(campaign, NODES)
    single = [case.injections[0] for case in planned if case.injections]
    assert len(single) >= cases
    assert expected_s(planned, campaign) <= most_minutes * 60
    places_hurt = Counter((wanted.anomaly, wanted.node) for wanted in single)
    assert len(places_hurt) == 9
    assert min(places_hurt.values()) == max(2, cases // 9)


def test_the_test_campaign_shares_nothing_with_the_training_campaign() -> None:
    singles, unseen = (
        load(places.shipped_config() / "scenarios" / f"{name}.yaml") for name in ("lab-singles", "lab-unseen")
    )
    assert singles.seed != unseen.seed
    assert not set(singles.loads.values()) & set(unseen.loads.values())


def test_an_option_of_a_benchmark_reaches_its_request(tmp_path: Path) -> None:
    text = _GOOD.replace("{threads: 2}", "{kind: tpcc, threads: 3, options: {warehouses: 2, scale: 10}}")
    request = load(_write(tmp_path, text)).request("low", NODES)
    assert (request.kind, request.script, request.threads) == ("tpcc", "mix", 3)
    assert request.options_as(TpccOptions) == TpccOptions(warehouses=2, scale=10)


def _shipped(name: str) -> Campaign:
    return load(places.shipped_config() / "scenarios" / f"{name}.yaml")


def test_the_scenarios_of_the_paper_are_complete() -> None:
    campaign = _shipped("paper16")
    anomalies, nodes = dict[str, set[str]](), dict[str, set[int]]()
    for case in schedule(campaign, NODES):
        hit = {
            wanted.anomaly: sum(each.anomaly == wanted.anomaly for each in case.injections)
            for wanted in case.injections
        }
        anomalies.setdefault(case.scenario, set()).update(hit)
        nodes.setdefault(case.scenario, set()).update(hit.values())
        assert len({wanted.node for wanted in case.injections}) == max(hit.values())
    assert sorted(anomalies) == [f"{letter}{number}" for letter in "ABCW" for number in (1, 2, 3, 4)]
    assert all(nodes[name] == {"A": {1}, "B": {2}, "C": {1}, "W": {1, 3}}[name[0]] for name in nodes)
    kinds = {"1": "cpu_stress", "2": "io_stress", "3": "network_delay", "4": "cache_bottleneck"}
    assert all(anomalies[name] == {kinds[name[1]]} for name in anomalies if name[0] in "AB")
    assert [len(anomalies[name]) for name in sorted(anomalies)[8:]] == [2] * 8
    assert len({scenario.category for scenario in campaign.scenarios}) == 4


def test_repeats_of_the_paper_rotate_nodes_severities_and_loads() -> None:
    for name in (scenario.name for scenario in _shipped("paper16").scenarios):
        of_scenario = [case for case in schedule(_shipped("paper16"), NODES) if case.scenario == name]
        assert len({case.injections for case in of_scenario}) == 4
        assert set(Counter(case.loads for case in of_scenario).values()) == {2}
        assert len({case.group for case in of_scenario}) == 3


def test_the_whole_catalogue_is_recorded_alone() -> None:
    cases = schedule(_shipped("catalogue"), NODES)
    known = {anomaly.name for anomaly in catalogue.load().anomalies}
    assert {wanted.anomaly for case in cases for wanted in case.injections} == known
    assert all(len({wanted.anomaly for wanted in case.injections}) == 1 for case in cases)
    by_node = Counter((wanted.anomaly, wanted.node) for case in cases for wanted in case.injections)
    assert len(by_node) == 3 * len(known)


@pytest.mark.parametrize(("name", "most_minutes"), [("paper16", 52), ("catalogue", 64), ("normal-operation", 32)])
def test_the_shipped_files_say_how_long_they_take(name: str, most_minutes: int) -> None:
    campaign = _shipped(name)
    assert expected_s(schedule(campaign, NODES), campaign) <= most_minutes * 60
