"""What is refused, by which rule, and what simply makes no sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_core.anomalies import rules
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.errors import ConfigError, RefusedError
from tests.anomalies.catalogue_data import HARMLESS

CLUSTER = ClusterSettings(
    name="here",
    nodes=tuple(NodeSettings(name=name, host="127.0.0.1") for name in ("n1", "n2", "n3")),
    read_only=False,
)
REQUEST = InjectionRequest("sleep", ("n1",), "medium", 60)
CUT = replace(REQUEST, anomaly="cut")


def test_what_is_allowed_passes() -> None:
    rules.check_request(REQUEST, CLUSTER)
    rules.check_state(REQUEST, CLUSTER, HARMLESS, ())
    assert rules.anomaly_of(REQUEST, HARMLESS).name == "sleep"


@pytest.mark.parametrize(
    ("cluster", "key"),
    [
        (replace(CLUSTER, read_only=True), "read_only"),
        (replace(CLUSTER, sections=(Protection(nodes=("n1",)),)), "protect.nodes"),
        (replace(CLUSTER, sections=(Protection(max_severity="low"),)), "protect.max_severity"),
        (replace(CLUSTER, sections=(Protection(max_duration_s=59),)), "protect.max_duration_s"),
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
    cluster = replace(CLUSTER, sections=(Protection(max_nodes=1),))
    rules.check_state(REQUEST, cluster, HARMLESS, (_injection("n1"),))
    with pytest.raises(
        RefusedError, match=r"protect\.max_nodes: 2 nodes would be affected at once, more than 1: n1, n3"
    ):
        rules.check_state(REQUEST, cluster, HARMLESS, (_injection("n3"),))


@pytest.mark.parametrize(("size", "most"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (7, 3)])
def test_a_majority_is_never_cut_off_unless_the_file_says_so(size: int, most: int) -> None:
    names = tuple(f"n{number}" for number in range(1, size + 1))
    cluster = replace(CLUSTER, nodes=tuple(NodeSettings(name=name, host="127.0.0.1") for name in names))
    rules.check_state(replace(CUT, nodes=names[:most]), cluster, HARMLESS, ())
    if most < size:
        with pytest.raises(RefusedError, match=rf"max_nodes: {most + 1} of {size} nodes could be cut off.*set it to"):
            rules.check_state(replace(CUT, nodes=names[: most + 1]), cluster, HARMLESS, ())
    allowed = replace(cluster, sections=(Protection(max_nodes=size),))
    rules.check_state(replace(CUT, nodes=names), allowed, HARMLESS, ())


def test_what_is_cut_off_already_counts_and_other_trouble_does_not() -> None:
    cut_off = replace(_injection("n2"), anomaly="cut")
    unknown = replace(_injection("n2"), anomaly="unknown")
    rules.check_state(CUT, CLUSTER, HARMLESS, (_injection("n2"), _injection("n3")))
    rules.check_state(replace(REQUEST, nodes=("n1", "n3")), CLUSTER, HARMLESS, (cut_off,))
    rules.check_state(replace(CUT, nodes=("n2",)), CLUSTER, HARMLESS, (cut_off,))
    for injection in (cut_off, unknown):
        with pytest.raises(RefusedError, match=r"2 of 3 nodes could be cut off at once, more than 1: n1, n2"):
            rules.check_state(CUT, CLUSTER, HARMLESS, (injection,))


def test_a_silent_node_counts_as_cut_off_for_what_cuts_off() -> None:
    rules.check_state(REQUEST, CLUSTER, HARMLESS, (), {"n2", "n3"})
    rules.check_state(CUT, CLUSTER, HARMLESS, (), {"n1"})
    with pytest.raises(RefusedError, match=r"2 of 3 nodes could .* more than 1: n1, n2 \(gives no answer\); set it to"):
        rules.check_state(CUT, CLUSTER, HARMLESS, (), {"n2"})
    limited = replace(CLUSTER, sections=(Protection(max_nodes=2),))
    rules.check_state(CUT, limited, HARMLESS, (), {"n2"})
    rules.check_state(replace(REQUEST, nodes=("n1", "n3")), limited, HARMLESS, (), {"n2"})
    with pytest.raises(RefusedError, match=r"3 nodes would be affected at once, more than 2: n1, n2 \(gives no answer"):
        rules.check_state(replace(CUT, nodes=("n1", "n3")), limited, HARMLESS, (), {"n2"})


def test_what_is_off_by_default_is_refused_until_the_file_allows_it_by_name() -> None:
    request = replace(REQUEST, anomaly="fierce")
    for allow in ((), ("sleep",)):
        cluster = replace(CLUSTER, sections=(Protection(allow=allow),))
        with pytest.raises(RefusedError, match=r"key protect\.allow: fierce is off by default.*add fierce to it"):
            rules.check_state(request, cluster, HARMLESS, ())
    rules.check_state(request, replace(CLUSTER, sections=(Protection(allow=("fierce",)),)), HARMLESS, ())


@pytest.mark.parametrize(
    ("anomaly", "named", "nodes"),
    [
        ("everywhere", (), ("n1", "n2", "n3")),
        ("everywhere", ("n2",), ("n2",)),
        ("sleep", (), ()),
        ("cut", ("n1",), ("n1",)),
    ],
)
def test_trouble_of_the_cluster_is_on_all_nodes_unless_some_are_named(
    anomaly: str, named: tuple[str, ...], nodes: tuple[str, ...]
) -> None:
    request = replace(REQUEST, anomaly=anomaly, nodes=named)
    assert rules.with_default_nodes(request, rules.anomaly_of(request, HARMLESS), CLUSTER).nodes == nodes


def test_an_orphan_blocks_its_node_only() -> None:
    orphan = replace(_injection("n1"), state=InjectionState.ORPHANED, detail="nobody ends it")
    with pytest.raises(RefusedError, match=r"x1.*nobody ends it; clear x1 first"):
        rules.check_state(REQUEST, CLUSTER, HARMLESS, (orphan,))
    rules.check_state(replace(REQUEST, nodes=("n2",)), CLUSTER, HARMLESS, (orphan,))


def _injection(node: str) -> Injection:
    return Injection("x1", "sleep", node, "low", InjectionState.ACTIVE, 0, 60, "me@here")
