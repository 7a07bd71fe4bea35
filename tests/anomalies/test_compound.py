"""Compound requests: the rules on their parts together, their notation, and the presets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies import catalogue, compound, notation, presets
from distdiag_core.anomalies.compound import CompoundPart, CompoundPlan, CompoundRequest
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.errors import ConfigError, RefusedError

NODES = ("n1", "n2", "n3")
CLUSTER = ClusterSettings("three", tuple(NodeSettings(name, "127.0.0.1") for name in NODES), read_only=False)
ONE_AT_A_TIME = replace(CLUSTER, sections=(Protection(max_nodes=1),))
ANOMALIES = catalogue.load()


def part(anomaly: str, *nodes: str, offset_s: float = 0.0, duration_s: float = 60) -> CompoundPart:
    """One anomaly at low severity."""
    return CompoundPart(InjectionRequest(anomaly, nodes, "low", duration_s), offset_s)


def check(cluster: ClusterSettings, *parts: CompoundPart) -> None:
    """Hold the parts against the rules."""
    compound.check(compound.complete(CompoundRequest(parts), cluster, ANOMALIES), cluster, ANOMALIES)


def test_parts_count_together_only_while_both_last() -> None:
    check(ONE_AT_A_TIME, part("cpu_stress", "n1"), part("io_stress", "n1"))
    check(ONE_AT_A_TIME, part("cpu_stress", "n1"), part("cpu_stress", "n2", offset_s=60))
    with pytest.raises(RefusedError, match="2 nodes would be affected at once"):
        check(ONE_AT_A_TIME, part("cpu_stress", "n1"), part("cpu_stress", "n2", offset_s=59))
    with pytest.raises(RefusedError, match="could be cut off at once"):
        check(CLUSTER, part("network_delay", "n1"), part("network_loss", "n2", offset_s=30))


def test_an_anomaly_is_named_once_for_a_node_and_a_time() -> None:
    check(CLUSTER, part("cpu_stress", "n1"), part("cpu_stress", "n1", offset_s=60))
    with pytest.raises(ConfigError, match="named twice for n1 at one time"):
        check(CLUSTER, part("cpu_stress", "n1"), part("cpu_stress", "n1", "n2", offset_s=59))


def test_nothing_is_no_request() -> None:
    with pytest.raises(ConfigError, match="no anomaly is named"):
        check(CLUSTER)


def test_the_nodes_at_the_worst_moment_are_what_max_nodes_is_held_against() -> None:
    request = CompoundRequest((part("cpu_stress", "n1"), part("io_stress", "n1", "n2", offset_s=60), part("x", "n3")))
    assert CompoundPlan(request, ()).most_at_once == ("n1", "n3")


@given(
    st.builds(
        CompoundPart,
        st.builds(
            InjectionRequest,
            st.sampled_from([each.name for each in ANOMALIES.anomalies]),
            st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True), min_size=1).map(tuple),
            st.sampled_from(SEVERITIES),
            st.integers(1, 10_000).map(float),
        ),
        st.integers(0, 1_000).map(float),
    )
)
def test_what_is_written_in_the_notation_is_read_again(written: CompoundPart) -> None:
    assert notation.parse(notation.written(written), (), "medium", 1.0) == written


@pytest.mark.parametrize("text", ["", "@n1", "cpu_stress@", "cpu_stress:mild", "cpu_stress+soon", "cpu_stress/0s"])
def test_what_is_not_in_the_notation_is_named(text: str) -> None:
    with pytest.raises(ConfigError):
        notation.parse(text, NODES, "low", 60)


def test_what_the_notation_leaves_out_is_as_the_options_say() -> None:
    assert notation.parse("cpu_stress", NODES, "low", 60) == part("cpu_stress", *NODES)
    assert notation.parse("cpu_stress@n2+0s", NODES, "low", 60) == part("cpu_stress", "n2")


@pytest.mark.parametrize("preset", presets.load(), ids=lambda preset: preset.name)
def test_a_shipped_preset_passes_the_rules_on_three_nodes(preset: presets.InjectionPreset) -> None:
    assert preset.description
    check(CLUSTER, *preset.request(NODES).parts)


def test_a_preset_goes_where_the_nodes_are_chosen() -> None:
    preset = presets.find("cpu-from-node-to-node")
    assert preset.request(NODES, ("n3",)).nodes == ("n3", "n1")
    with pytest.raises(ConfigError, match="needs 2 nodes, and the cluster has 1"):
        preset.request(("n1",))


@pytest.mark.usefixtures("own_places")
def test_a_preset_of_the_user_may_name_nodes() -> None:
    presets.own_file().parent.mkdir(parents=True)
    presets.own_file().write_text(
        "- {name: mine, description: all of it, parts: [{anomaly: cpu_stress, nodes: [n2, 1]}]}\n", encoding="utf-8"
    )
    assert presets.find("mine").request(NODES, ("n3",)).nodes == ("n2", "n3")
    with pytest.raises(ConfigError, match=r"no preset is called 'yours'.*own belong into"):
        presets.find("yours")


@pytest.mark.usefixtures("own_places")
def test_a_request_is_kept_as_a_preset_that_goes_to_other_nodes() -> None:
    mine = "# What I inject on Mondays\n- {name: mine, description: x, parts: [{anomaly: cpu_stress}]}\n"
    presets.own_file().parent.mkdir(parents=True)
    presets.own_file().write_text(mine, encoding="utf-8")
    parts = (part("cpu_stress", "n3", "n2"), part("io_stress", "n3", offset_s=10), part("too_many_indexes", *NODES))
    presets.add(presets.of_request("yours", "", CompoundRequest(parts[:2]), NODES))
    presets.add(presets.of_request("everywhere", "all of it", CompoundRequest(parts[2:]), NODES))
    assert presets.own_file().read_text(encoding="utf-8").startswith(mine)
    found = presets.find("yours")
    assert found.description == "cpu_stress, io_stress"
    assert found.request(NODES, ("n2", "n3")).parts == parts[:2]
    assert found.request(NODES, ("n1",)).nodes == ("n2", "n1")
    assert presets.find("everywhere").request(("a", "b")).nodes == ("a", "b")


@pytest.mark.usefixtures("own_places")
def test_a_preset_is_not_kept_under_a_name_that_is_taken_or_in_a_file_it_does_not_fit() -> None:
    request = CompoundRequest((part("cpu_stress", "n1"),))
    with pytest.raises(ConfigError, match="called 'cpu-on-two-nodes' already"):
        presets.add(presets.of_request("cpu-on-two-nodes", "", request, NODES))
    with pytest.raises(ConfigError, match="cannot be the name"):
        presets.of_request("../x", "", request, NODES)
    flow = "[{name: mine, description: x, parts: [{anomaly: cpu_stress}]}]\n"
    presets.own_file().parent.mkdir(parents=True)
    presets.own_file().write_text(flow, encoding="utf-8")
    with pytest.raises(ConfigError, match="block style"):
        presets.add(presets.of_request("yours", "", request, NODES))
    assert presets.own_file().read_text(encoding="utf-8") == flow
