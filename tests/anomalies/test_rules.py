"""What is refused, by which rule, and what simply makes no sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, Protection
from distdiag_core.errors import ConfigError, RefusedError
from tests.anomalies.catalogue_data import HARMLESS

CLUSTER = ClusterSettings(
    name="here",
    nodes=tuple(NodeSettings(name=name, host="127.0.0.1") for name in ("n1", "n2", "n3")),
    read_only=False,
)
REQUEST = InjectionRequest("sleep", ("n1",), "medium", 60)


def test_what_is_allowed_passes() -> None:
    rules.check_request(REQUEST, CLUSTER)
    rules.check_state(REQUEST, CLUSTER, ())
    assert rules.anomaly_of(REQUEST, HARMLESS).name == "sleep"


@pytest.mark.parametrize(
    ("cluster", "key"),
    [
        (replace(CLUSTER, read_only=True), "read_only"),
        (replace(CLUSTER, protect=Protection(nodes=("n1",))), "protect.nodes"),
        (replace(CLUSTER, protect=Protection(max_severity="low")), "protect.max_severity"),
        (replace(CLUSTER, protect=Protection(max_duration_s=59)), "protect.max_duration_s"),
    ],
)
def test_a_refusal_names_the_rule_and_the_key(cluster: ClusterSettings, key: str) -> None:
    with pytest.raises(RefusedError) as caught:
        rules.check_request(REQUEST, cluster)
    assert f"cluster here, key {key}" in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (replace(REQUEST, nodes=()), "no node is named"),
        (replace(REQUEST, nodes=("n4",)), "its nodes are: n1, n2, n3"),
        (replace(REQUEST, nodes=("n1", "n1")), "n1 is named twice"),
        (replace(REQUEST, severity="awful"), "no severity is called 'awful'"),  # type: ignore[arg-type] # as typed
        (replace(REQUEST, duration_s=0.5), "must be 1 s or more"),
        (replace(REQUEST, duration_s=float("nan")), "must be 1 s or more"),
        (replace(REQUEST, duration_s=float("inf")), "must be 1 s or more"),
    ],
)
def test_nonsense_is_a_usage_error(request_: InjectionRequest, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rules.check_request(request_, CLUSTER)
    assert complaint in str(caught.value)


def test_an_unknown_anomaly_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="known anomalies: sleep, "):
        rules.anomaly_of(replace(REQUEST, anomaly="flood"), HARMLESS)


def test_the_nodes_in_trouble_already_count() -> None:
    cluster = replace(CLUSTER, protect=Protection(max_nodes=1))
    rules.check_state(REQUEST, cluster, (_injection("n1"),))
    with pytest.raises(
        RefusedError, match=r"protect\.max_nodes: 2 nodes would be in trouble at once, more than 1: n1, n3"
    ):
        rules.check_state(REQUEST, cluster, (_injection("n3"),))


def test_an_orphan_blocks_its_node_only() -> None:
    orphan = replace(_injection("n1"), state=InjectionState.ORPHANED, detail="nobody ends it")
    with pytest.raises(RefusedError, match=r"x1.*nobody ends it; clear x1 first"):
        rules.check_state(REQUEST, CLUSTER, (orphan,))
    rules.check_state(replace(REQUEST, nodes=("n2",)), CLUSTER, (orphan,))


def _injection(node: str) -> Injection:
    return Injection("x1", "sleep", node, "low", InjectionState.ACTIVE, 0, 60, "me@here")
