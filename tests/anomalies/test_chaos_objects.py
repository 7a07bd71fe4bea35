"""What an object of Chaos Mesh means, sound or damaged, at any point of its life."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.anomalies.backends.chaos_mesh.chaos_object import ChaosObject, read
from distdiag_core.anomalies.backends.chaos_mesh.pod import quantity
from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cluster.kubectl import error_of
from distdiag_core.errors import ConfigError, DataError, UnreachableError, UnsupportedError
from tests.mutations import mutations

BEGAN_S = 1_800_000_000.0
ITEM: dict[str, Any] = {
    "kind": "StressChaos",
    "metadata": {
        "name": "distdiag-1abcdefgh",
        "creationTimestamp": "2027-01-15T08:00:00Z",
        "labels": {"distdiag/id": "1abcdefgh", "distdiag/severity": "low"},
        "annotations": {
            "distdiag/anomaly": "cpu_stress",
            "distdiag/node": "n1",
            "distdiag/owner": "ann@desk",
            "distdiag/deadline": "2027-01-15T08:01:00.500+00:00",
        },
        "finalizers": ["chaos-mesh/records"],
    },
    "spec": {"mode": "all", "selector": {"pods": {"ob": ["ob-0"]}}, "duration": "60s"},
    "status": {
        "conditions": [
            {"type": "Selected", "status": "True"},
            {"type": "AllInjected", "status": "True"},
            {"type": "AllRecovered", "status": "False"},
            {"type": "Paused", "status": "False"},
        ],
        "experiment": {"desiredPhase": "Run", "containerRecords": [{"id": "ob/ob-0", "phase": "Injected"}]},
    },
}


def _item(*, phase: str = "Run", failed: str = "", deleted: str = "", paused: bool = False, **conditions: bool) -> Any:  # noqa: ANN401
    item = deepcopy(ITEM)
    item["status"]["experiment"]["desiredPhase"] = phase
    for condition in item["status"]["conditions"]:
        condition["status"] = str(conditions.get(condition["type"], condition["status"] == "True"))
    if failed:
        events = [
            {"type": "Succeeded", "operation": "Apply"},
            {"type": "Failed", "operation": failed, "message": "no chaos-daemon"},
        ]
        item["status"]["experiment"]["containerRecords"][0]["events"] = events
    if deleted:
        item["metadata"]["deletionTimestamp"] = deleted
    if paused:
        item["metadata"]["annotations"]["experiment.chaos-mesh.org/pause"] = "true"
    return item


def test_an_object_is_read() -> None:
    injection = read(ITEM).injection("n1", BEGAN_S + 5)
    assert (injection.id, injection.anomaly, injection.node) == ("1abcdefgh", "cpu_stress", "n1")
    assert (injection.severity, injection.owner, injection.detail) == ("low", "ann@desk", "by StressChaos")
    assert (injection.started_s, injection.deadline_s) == pytest.approx((BEGAN_S, BEGAN_S + 60.5))
    assert injection.state is InjectionState.ACTIVE


@pytest.mark.parametrize(
    ("item", "at_s", "state", "detail"),
    [
        (_item(), 5, InjectionState.ACTIVE, "by StressChaos"),
        (_item(paused=True, AllInjected=False), 5, InjectionState.ACTIVE, "paused: it does nothing until"),
        (_item(AllInjected=False), 5, InjectionState.ACTIVE, "not on its pod yet"),
        (_item(AllInjected=False, Selected=False), 5, InjectionState.ACTIVE, "finds no pod"),
        (
            _item(AllInjected=False, failed="Apply"),
            5,
            InjectionState.ACTIVE,
            "not on its pod: apply failed on ob/ob-0: no chaos-daemon",
        ),
        (_item() | {"status": {}}, 5, InjectionState.ACTIVE, "has not taken it up"),
        (_item(), 62, InjectionState.CLEARING, ""),
        (_item(), 90, InjectionState.ORPHANED, "its deadline passed 30 s ago: the controller of Chaos Mesh may not"),
        (_item(failed="Recover"), 90, InjectionState.ORPHANED, "30 s ago: recover failed on ob/ob-0: no chaos-daemon"),
        (_item(deleted="2027-01-15T08:00:10Z"), 15, InjectionState.CLEARING, ""),
        (
            _item(deleted="2027-01-15T08:00:10Z", failed="Recover"),
            40,
            InjectionState.ORPHANED,
            "30 s ago, but its finalizer chaos-mesh/records holds it; recover failed on ob/ob-0: no chaos-daemon; see",
        ),
    ],
)
def test_a_life_has_states(item: Any, at_s: float, state: InjectionState, detail: str) -> None:  # noqa: ANN401
    found = read(item)
    injection = found.injection("n1", BEGAN_S + at_s)
    assert injection.state is state
    assert detail in injection.detail
    assert bool(injection.detail) == bool(detail)
    assert not found.ended(BEGAN_S + at_s)


def test_what_holds_a_finalizer_says_how_to_take_it_away() -> None:
    detail = read(_item(deleted="2027-01-15T08:00:10Z")).injection("n1", BEGAN_S + 40).detail
    assert "kubectl patch stresschaos.chaos-mesh.org/distdiag-1abcdefgh --type=merge " in detail
    assert """-p '{"metadata":{"finalizers":null}}'""" in detail


def test_a_record_of_what_ended_is_no_injection() -> None:

    def over(*, paused: bool = False, deleted: str = "") -> ChaosObject:
        return read(_item(phase="Stop", paused=paused, deleted=deleted, AllInjected=False, AllRecovered=True))

    assert over().ended(BEGAN_S + 61)
    # Whatever our clock says: it is Chaos Mesh's that counts.
    assert over().ended(BEGAN_S + 59)
    assert not over(paused=True).ended(BEGAN_S + 59)
    assert over(paused=True).ended(BEGAN_S + 61)
    assert not over(deleted="2027-01-15T08:00:10Z").ended(BEGAN_S + 61)


def test_what_was_damaged_is_still_found() -> None:
    item = _item()
    item["metadata"] |= {"labels": {}, "annotations": None}
    injection = read(item).injection("n1", BEGAN_S)
    assert (injection.id, injection.anomaly, injection.severity) == ("1abcdefgh", "unknown", "high")
    assert injection.owner == "unknown"
    assert injection.deadline_s == pytest.approx(BEGAN_S + 60)
    item["metadata"]["annotations"] = {"distdiag/deadline": "soon"}
    assert read(item).deadline_s == BEGAN_S + 60
    item["spec"]["duration"] = "1h"
    assert read(item).deadline_s == BEGAN_S


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(("id", "type", "events", "name", "x")), inner),
    max_leaves=6,
)


@given(st.sampled_from(("kind", "metadata", "spec", "status")), ANYTHING)
def test_what_is_no_object_is_a_data_error(key: str, value: object) -> None:
    try:
        found = read(deepcopy(ITEM) | {key: value})
    except DataError as error:
        assert "an object of Chaos Mesh in the answer of kubectl: is damaged" in str(error)  # noqa: PT017 - many are objects
    else:
        assert found.name == "distdiag-1abcdefgh"


@pytest.mark.parametrize(
    ("text", "value"), [("4", 4), ("500m", 0.5), ("2.5", 2.5), ("10Gi", 10 * 2**30), ("1k", 1000), ("1Ki", 1024)]
)
def test_quantities(text: str, value: float) -> None:
    assert quantity(text) == value


@given(st.text())
def test_what_is_no_quantity_is_a_data_error(text: str) -> None:
    try:
        assert quantity(text) >= 0
    except DataError as error:
        assert "is no quantity" in str(error)  # noqa: PT017 - some texts are


@pytest.mark.parametrize(
    ("status", "said", "kind", "words"),
    [
        (127, "sh: 1: kubectl: not found", UnsupportedError, "is not installed; install it, or name its host"),
        (
            1,
            'error: the server doesn\'t have a resource type "stresschaos"',
            UnsupportedError,
            "Chaos Mesh is not installed",
        ),
        (1, "Error from server (Forbidden): iochaos is forbidden: User", UnsupportedError, "may not do that"),
        (
            1,
            "error: You must be logged in to the server (Unauthorized)",
            UnsupportedError,
            "does not accept the account",
        ),
        (1, 'Error from server (NotFound): namespaces "ob" not found', ConfigError, "correct kubernetes.namespace"),
        (1, 'error: context "prod" does not exist', ConfigError, "correct kubernetes.context"),
        (
            1,
            "Error in configuration: context was not found for specified context: p",
            ConfigError,
            "kubernetes.context",
        ),
        (1, "error: stat /x: no such file or directory", ConfigError, "correct kubernetes.kubeconfig"),
        (
            1,
            "The connection to the server 10.0.0.1:6443 was refused",
            UnreachableError,
            "does not reach the API server",
        ),
        (
            1,
            "Unable to connect to the server: dial tcp: i/o timeout",
            UnreachableError,
            "does not reach the API server",
        ),
        (1, "", Exception, "exit status 1"),
    ],
)
def test_errors_of_kubectl_are_explained_in_plain_words(
    status: int, said: str, kind: type[Exception], words: str
) -> None:
    error = error_of(status, said, "kubernetes: kubectl")
    assert isinstance(error, kind)
    assert str(error).startswith("kubernetes: kubectl: ")
    assert words in str(error)


def test_any_value_in_any_place_is_an_object_or_refused_in_one_line() -> None:
    refused = 0
    sound = _item(failed="Apply", deleted="2027-01-15T08:00:10Z", paused=True)
    for what, item in mutations(sound):
        try:
            found = read(item)
        except DataError as error:
            refused += 1
            assert "\n" not in str(error), what  # noqa: PT017 - most of many are refused
            continue
        for at_s in (0, 61, 100):
            found.injection("n1", BEGAN_S + at_s)
            found.ended(BEGAN_S + at_s)
    assert refused > 200
