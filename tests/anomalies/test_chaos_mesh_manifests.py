"""Every anomaly that Chaos Mesh can make, at every severity, is an object that it takes."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.backends.chaos_mesh.chaos_mesh_backend import ChaosMeshBackend
from distdiag_core.anomalies.backends.chaos_mesh.chaos_object import manifest, owned
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, Severity
from distdiag_core.anomalies.manifest import to_yaml
from distdiag_core.cluster.kubectl import Kubectl
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import UnsupportedError
from tests.anomalies.chaos_crds import complaints
from tests.anomalies.kubectl_stand_in import Scenario
from tests.anomalies.kubernetes import CLUSTER, NODES, QuickShell, pod

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Step
    from distdiag_core.cluster.inventory import NodeSettings
    from tests.anomalies.kubernetes import Kubernetes

SHIPPED = catalogue.load()
BY_CHAOS_MESH = [anomaly.name for anomaly in SHIPPED.anomalies if anomaly.chaos_mesh is not None]
OTHERS = [anomaly.name for anomaly in SHIPPED.anomalies if anomaly.chaos_mesh is None]
ANY_TEXT = st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text)


async def _plan(kubernetes: Kubernetes, name: str, severity: Severity = "low", node: NodeSettings = NODES[0]) -> Step:
    anomaly = SHIPPED.get(name)
    assert anomaly is not None
    backend = ChaosMeshBackend(QuickShell(kubernetes.directory), CLUSTER, CLUSTER.section(KubernetesSettings))
    return await backend.plan(InjectionRequest(name, (node.name,), severity, 59.5), anomaly, node, "1e3e5e7e9")


def test_chaos_mesh_makes_what_the_catalogue_promises() -> None:
    made = {
        "cpu_stress",
        "memory_stress",
        "io_stress",
        "network_delay",
        "network_loss",
        "network_bandwidth",
        "node_down",
    }
    assert set(BY_CHAOS_MESH) == made


@pytest.mark.parametrize("name", BY_CHAOS_MESH)
async def test_every_severity_is_an_object_that_the_api_server_takes(kubernetes: Kubernetes, name: str) -> None:
    for severity in SEVERITIES:
        for node in NODES[:2]:
            step = await _plan(kubernetes, name, severity, node)
            made = owned(yaml.safe_load(step.manifest), "ann@desk", 1_800_000_000.5)
            assert complaints(made) == []
            assert made["spec"]["duration"] == "60s"
            assert made["metadata"]["name"] == "distdiag-1e3e5e7e9"
            assert made["metadata"]["labels"]["distdiag/id"] == "1e3e5e7e9"
            assert made["metadata"]["labels"]["distdiag/severity"] == severity
            assert made["metadata"]["annotations"]["distdiag/owner"] == "ann@desk"
            assert made["metadata"]["annotations"]["distdiag/deadline"] == "2027-01-15T08:00:00.500+00:00"


@pytest.mark.parametrize("name", [name for name in BY_CHAOS_MESH if name != "node_down"])
async def test_severities_differ_in_what_is_done(kubernetes: Kubernetes, name: str) -> None:
    specs = [yaml.safe_load((await _plan(kubernetes, name, severity)).manifest)["spec"] for severity in SEVERITIES]
    assert len({str(spec) for spec in specs}) == len(SEVERITIES)


async def test_the_pod_says_how_many_processors_how_much_memory_and_which_volume(kubernetes: Kubernetes) -> None:
    cpu = yaml.safe_load((await _plan(kubernetes, "cpu_stress", "medium")).manifest)["spec"]
    assert cpu["stressors"]["cpu"] == {"workers": 6, "load": 100}
    assert cpu["selector"] == {"pods": {"ob": ["ob-zone1-0"]}}
    io = yaml.safe_load((await _plan(kubernetes, "io_stress", node=NODES[1])).manifest)["spec"]
    assert io["volumePath"] == "/home/admin/data-file"
    assert io["selector"] == {"namespaces": ["ob"], "labelSelectors": {"ref-observer": "ob-zone2-0"}}
    elsewhere = replace(NODES[0], data_dir="/home/admin/data-log/x")
    io = yaml.safe_load((await _plan(kubernetes, "io_stress", node=elsewhere)).manifest)["spec"]
    assert io["volumePath"] == "/home/admin/data-log"


@pytest.mark.parametrize("name", OTHERS)
async def test_what_chaos_mesh_cannot_make_is_said(kubernetes: Kubernetes, name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"n1: Chaos Mesh cannot make {name}; `backend: ssh` can"):
        await _plan(kubernetes, name)


@pytest.mark.parametrize(
    ("name", "there", "reason"),
    [
        ("cpu_stress", [], "no pod is ob-zone1-0 in the namespace ob; correct kubernetes.namespace"),
        ("cpu_stress", [pod("ob-zone1-0"), pod("ob-zone1-0")], "2 pods are ob-zone1-0"),
        ("cpu_stress", [pod("ob-zone1-0") | {"status": {"phase": "Pending"}}], "does not run, but is Pending"),
        ("cpu_stress", [pod("ob-zone1-0", container="server")], "no container observer; name one of server"),
        (
            "cpu_stress",
            [pod("ob-zone1-0", resources={})],
            "not by StressChaos: its container has no limit of processors",
        ),
        ("memory_stress", [pod("ob-zone1-0", resources={})], "its container has no limit of memory"),
        ("io_stress", [pod("ob-zone1-0", volumeMounts=[])], "no volume of its container holds the data directory"),
        ("cpu_stress", [{"metadata": {"name": "ob-zone1-0"}, "status": {"phase": "Running"}}], "makes no sense"),
        ("cpu_stress", [pod("ob-zone1-0", resources={"limits": {"cpu": "lots"}})], "'lots' is no quantity"),
    ],
)
async def test_a_pod_that_will_not_do_is_found_before_anything_is_done(
    kubernetes: Kubernetes, name: str, there: list[dict[str, object]], reason: str
) -> None:
    kubernetes.is_like(Scenario(pods=there))
    with pytest.raises(Exception, match=reason) as caught:
        await _plan(kubernetes, name)
    assert "n1" in str(caught.value) or "quantity" in reason
    assert kubernetes.objects == []


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_name_breaks_a_manifest(node: str, cluster: str, owner: str) -> None:
    request = InjectionRequest("cpu_stress", (node,), "low", 60)
    made = owned(manifest(request, cluster, node, "1abcdefgh", "PodChaos", {"mode": "all"}), owner, 1_800_000_000)
    read = yaml.safe_load(to_yaml(made))
    assert read == made
    annotations = read["metadata"]["annotations"]
    assert (annotations["distdiag/node"], annotations["distdiag/cluster"], annotations["distdiag/owner"]) == (
        node,
        cluster,
        owner,
    )


@settings(max_examples=30, deadline=None)
@given(st.from_regex("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True), ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_name_becomes_shell_or_an_option(namespace: str, context: str, file: str, word: str) -> None:
    kubeconfig = f"/{file}"
    kubernetes = KubernetesSettings(namespace=namespace, context=context, kubeconfig=kubeconfig)
    command = Kubectl(LocalShell("kubernetes"), kubernetes).command("get", f"--selector={word}")
    expected = [f"--kubeconfig={kubeconfig}", f"--context={context}", f"--namespace={namespace}"]
    expected += ["--request-timeout=8s", "get", f"--selector={word}"]
    assert shlex.split(command)[1:] == expected
    # The same by a real shell.
    printing = command.replace("kubectl", "printf '%s\\0'", 1)
    printed = subprocess.run(["sh", "-c", printing], capture_output=True, check=True)
    assert printed.stdout.decode(errors="surrogateescape").split("\0")[:-1] == expected
