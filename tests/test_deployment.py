"""The manifests of deploy/kubernetes, by which distdiag runs as a pod."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from distdiag_core.cluster import inventory
from tests.kubernetes_api.api_server import ApiServer
from tests.kubernetes_api.nodes import use_kubectl

if TYPE_CHECKING:
    import pytest

_ROOT = Path(__file__).parents[1]
_MANIFESTS = sorted((_ROOT / "deploy" / "kubernetes").glob("*.yaml"))


def _objects() -> dict[tuple[str, str], dict[str, Any]]:
    documents = (each for path in _MANIFESTS for each in yaml.safe_load_all(path.read_text(encoding="utf-8")))
    return {(each["kind"], each["metadata"]["name"]): each for each in documents}


def test_the_objects_fit_together(tmp_path: Path) -> None:
    objects = _objects()
    assert {each["metadata"]["namespace"] for each in objects.values()} == {"oceanbase"}
    for (kind, _), binding in objects.items():
        if kind == "RoleBinding":
            assert ("Role", binding["roleRef"]["name"]) in objects
            assert all(("ServiceAccount", each["name"]) in objects for each in binding["subjects"])
    pod = objects["Deployment", "distdiag"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert ("ServiceAccount", pod["serviceAccountName"]) in objects
    assert (container["stdin"], container["tty"]) == (True, True)
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
    (config,) = (each["configMap"]["name"] for each in pod["volumes"] if "configMap" in each)
    ((name, text),) = objects["ConfigMap", config]["data"].items()
    assert container["args"] == ["--config", f"/etc/distdiag/{name}"]
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    cluster = inventory.load(file)
    variables = {each["name"] for each in container["env"]}
    assert {node.connection for node in cluster.nodes} == {"kubernetes"}
    assert {node.sql.password_env for node in cluster.nodes if node.sql is not None} <= variables


def test_kubectl_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_kubectl(monkeypatch, tmp_path)
    with ApiServer(tmp_path) as api:
        files = [f"--filename={path}" for path in _MANIFESTS]
        command = ["kubectl", f"--kubeconfig={api.kubeconfig}", "--namespace=oceanbase", "apply", "--dry-run=client"]
        done = subprocess.run(
            [*command, "--validate=false", *files], capture_output=True, text=True, check=False, timeout=300
        )
    assert (done.returncode, done.stdout.count("created (dry run)")) == (0, len(_objects())), done.stderr
