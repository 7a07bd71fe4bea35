"""The manifests of deploy/kubernetes, by which distdiag runs as a pod."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from distdiag_core.cluster import inventory
from tests.containerfile import copied, instructions
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


def test_the_image_is_of_a_pinned_python_that_is_supported() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bases = {each.split()[0] for each in instructions("FROM")}
    (base,) = bases
    found = re.fullmatch(r"python:(\d+\.\d+)\.\d+-slim-[a-z]+", base)
    assert found is not None
    assert f"Programming Language :: Python :: {found[1]}" in project["classifiers"]


def test_the_image_runs_the_command_as_the_user_of_the_pod() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pod = _objects()["Deployment", "distdiag"]["spec"]["template"]["spec"]
    (user,) = instructions("USER")
    assert int(user) == pod["securityContext"]["runAsUser"] > 0
    assert any(f"useradd --uid {user} --create-home distdiag" in each for each in instructions("RUN"))
    (home,) = instructions("WORKDIR")
    assert {"name": "HOME", "value": home} in pod["containers"][0]["env"]
    assert home in {each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
    (entry,) = instructions("ENTRYPOINT")
    assert json.loads(entry)[0] in project["scripts"]
    assert instructions("ENV") == ["PATH=/opt/distdiag/bin:$PATH"]


def test_the_image_is_built_from_files_that_exist() -> None:
    assert [source for source in copied() if not (_ROOT / source).exists()] == []
