"""Trouble by Chaos Mesh from the command line, over the stand-in for `kubectl`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.anomalies.chaos_crds import complaints
from tests.anomalies.kubectl_stand_in import Scenario
from tests.anomalies.kubernetes import Kubernetes, pods

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

CLUSTER = """\
name: mine
read_only: false
backend: chaos_mesh
kubernetes: {namespace: ob}
nodes:
  - {name: n1, host: 127.0.0.1, connection: local, pod: ob-zone1-0, sql: {port: 1}}
  - {name: n2, host: 127.0.0.1, connection: local, pod_selector: ref-observer=ob-zone2-0, sql: {port: 2}}
"""


@pytest.fixture
def kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster_file: Callable[[str], Path]) -> Kubernetes:
    """The program `kubectl`, and a cluster file that wants it."""
    directory = tmp_path / "kubernetes"
    directory.mkdir()
    kubernetes = Kubernetes(directory)
    kubernetes.is_like(Scenario(pods=pods()))
    kubernetes.install(directory)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    cluster_file(CLUSTER)
    return kubernetes


def test_a_dry_run_prints_the_manifest_and_makes_nothing(
    kubernetes: Kubernetes, distdiag: Callable[..., Ended]
) -> None:
    ended = distdiag("--cluster", "mine", "inject", "io_stress", "--node", "n1", "--node", "n2", "--dry-run")
    assert ended.status == 0, ended.stderr
    assert "n1: by IOChaos" in ended.stdout
    assert "run   kubectl --namespace=ob --request-timeout=8s create --filename=-" in ended.stdout
    blocks = ended.stdout.split("          ---\n")[1:]
    manifests = [yaml.safe_load(block.split("    undo")[0]) for block in blocks]
    assert [complaints(made) for made in manifests] == [[], []]
    assert [made["kind"] for made in manifests] == ["IOChaos", "IOChaos"]
    assert kubernetes.objects == []


def test_trouble_is_made_found_and_ended(kubernetes: Kubernetes, distdiag: Callable[..., Ended]) -> None:
    made = distdiag("--cluster", "mine", "inject", "network_delay", "--node", "n2", "--for", "60s", "--json")
    assert made.status == 0, made.stderr
    (injection,) = json.loads(made.stdout)["injections"]
    assert (injection["node"], injection["state"], injection["detail"]) == ("n2", "active", "by NetworkChaos")
    found = distdiag("--cluster", "mine", "injections", "--json")
    assert [each["id"] for each in json.loads(found.stdout)["injections"]] == [injection["id"]]
    cleared = distdiag("--cluster", "mine", "clear", "--all", "--json")
    assert cleared.status == 0, cleared.stderr
    assert [each["state"] for each in json.loads(cleared.stdout)["injections"]] == ["cleared"]
    assert kubernetes.objects == []


def test_what_chaos_mesh_cannot_make_is_an_error_that_says_what_can(
    kubernetes: Kubernetes, distdiag: Callable[..., Ended]
) -> None:
    ended = distdiag("--cluster", "mine", "inject", "slow_query", "--node", "n1")
    assert ended.status == 1
    assert "n1: Chaos Mesh cannot make slow_query; `backend: ssh` can" in ended.stderr


def test_the_doctor_tells_what_chaos_mesh_can_make(kubernetes: Kubernetes, distdiag: Callable[..., Ended]) -> None:
    ended = distdiag("--cluster", "mine", "doctor", "--json")
    for node in json.loads(ended.stdout)["nodes"]:
        checks = {check["name"]: check for check in node["checks"]}
        assert not checks["anomalies"]["found"].startswith("0 of")
        # Neither root nor programs of the node are needed for what Kubernetes does.
        assert (checks["rights"]["result"], checks["tools"]["result"]) == ("pass", "pass")
    assert kubernetes.objects == []
