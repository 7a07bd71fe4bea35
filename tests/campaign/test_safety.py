"""The safety check of a plan against the rules of the cluster file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.campaign import safety
from distdiag_core.campaign.campaign import Campaign, Rotating, Scenario
from distdiag_core.campaign.load import Load
from distdiag_core.campaign.schedule import PlannedCase, schedule
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.errors import ConfigError, RefusedError
from tests.small_cluster import NODES

_CLUSTER = ClusterSettings("small", tuple(NodeSettings(name, "127.0.0.1") for name in NODES), read_only=False)
_ANOMALIES = catalogue.load()


def _plan(*rotate: Rotating) -> tuple[PlannedCase, ...]:
    scenario = Scenario(("low",), "S", rotate=rotate, repeats=3)
    return schedule(Campaign("c", 1, {"low": Load()}, (scenario,)), NODES)


def _protected(protect: Protection) -> ClusterSettings:
    return replace(_CLUSTER, sections=(protect,))


@pytest.mark.parametrize(
    ("rotate", "cluster", "key"),
    [
        (Rotating("network_delay", 2), _CLUSTER, "protect.max_nodes"),
        (Rotating("node_down"), _CLUSTER, "protect.allow"),
        (Rotating("cpu_stress"), _protected(Protection(nodes=("n2",))), "protect.nodes"),
        (Rotating("cpu_stress"), _protected(Protection(max_severity="medium")), "protect.max_severity"),
        (Rotating("cpu_stress"), replace(_CLUSTER, read_only=True), "read_only"),
    ],
)
def test_a_forbidden_case_is_named_with_the_rule(rotate: Rotating, cluster: ClusterSettings, key: str) -> None:
    with pytest.raises(RefusedError, match=rf"key {key}: case S-n\d"):
        safety.check(_plan(rotate), cluster, _ANOMALIES)


def test_earlier_injections_of_a_case_count() -> None:
    plan = _plan(Rotating("cpu_stress"), Rotating("io_stress", 2))
    safety.check(plan, _protected(Protection(max_nodes=2)), _ANOMALIES)
    with pytest.raises(RefusedError, match="2 nodes would be affected at once"):
        safety.check(plan, _protected(Protection(max_nodes=1)), _ANOMALIES)


def test_an_unknown_anomaly_is_named() -> None:
    with pytest.raises(ConfigError, match="no anomaly is called 'cpu_stres'"):
        safety.check(_plan(Rotating("cpu_stres")), _CLUSTER, _ANOMALIES)
