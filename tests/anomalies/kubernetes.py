"""A cluster whose nodes are pods, over the stand-in for `kubectl`."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import InjectionRequest, Severity
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.kubernetes_settings import KubernetesSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.shell import CommandResult
from tests.anomalies.kubectl_stand_in import RefusalError, Scenario, alone, main

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.shell import Shell

_ROOT = Path(__file__).resolve().parents[2]

_shipped = cache(catalogue.load)

NODES = (
    NodeSettings(name="n1", host="10.0.0.1", pod="ob-zone1-0"),
    NodeSettings(name="n2", host="10.0.0.2", pod_selector="ref-observer=ob-zone2-0"),
    NodeSettings(name="n3", host="10.0.0.3", pod="ob-zone3-0"),
)
CLUSTER = ClusterSettings(
    name="shop", nodes=NODES, read_only=False, backend="chaos_mesh", sections=(KubernetesSettings(namespace="ob"),)
)


def pod(name: str, container: str = "observer", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a part of a specification
    """A pod as ob-operator makes it; `changes` are of its container."""
    specification = {
        "name": container,
        "resources": {"limits": {"cpu": "2500m", "memory": "10Gi"}},
        "volumeMounts": [{"mountPath": "/home/admin/data-file"}, {"mountPath": "/home/admin/data-log"}],
    } | changes
    return {
        "metadata": {"name": name, "labels": {"ref-observer": name, "app": "ob"}},
        "spec": {"containers": [specification]},
        "status": {"phase": "Running"},
    }


def pods() -> list[dict[str, Any]]:
    """Those of the cluster."""
    return [pod(f"ob-zone{number}-0") for number in (1, 2, 3)]


class QuickShell(LocalShell):
    """Runs the stand-in in this process, which spares each of its many calls the start of a Python."""

    def __init__(self, directory: Path) -> None:
        super().__init__("kubernetes")
        self._directory = directory

    async def run(self, command: str, *, stdin: str = "", timeout_s: float = 10.0) -> CommandResult:
        """Run `command`, which is one of kubectl."""
        program, *arguments = shlex.split(command)
        assert program == "kubectl"
        try:
            printed = await asyncio.to_thread(main, self._directory, arguments, stdin)
        except RefusalError as error:
            return CommandResult(self.node, command, 1, "", f"{error}\n")
        return CommandResult(self.node, command, 0, printed, "")


@dataclass(frozen=True)
class Kubernetes:
    """The stand-in, and who uses it."""

    directory: Path
    cluster: ClusterSettings = CLUSTER

    def is_like(self, scenario: Scenario) -> None:
        """From now on it is so."""
        (self.directory / "scenario.json").write_text(json.dumps(asdict(scenario)), encoding="utf-8")

    def install(self, programs: Path) -> None:
        """Put `kubectl` into the directory `programs`."""
        command = shlex.join([sys.executable, "-m", "tests.anomalies.kubectl_stand_in", str(self.directory)])
        program = programs / "kubectl"
        program.write_text(f'#!/bin/sh\ncd {shlex.quote(str(_ROOT))} && exec {command} "$@"\n', encoding="utf-8")
        program.chmod(0o755)

    def injector(self, shell: Shell | None = None) -> Injector:
        """Another console, with the anomalies that ship."""
        shells = {node.name: LocalShell(node.name) for node in self.cluster.nodes}
        return Injector(self.cluster, shells, _shipped(), control_host=shell or QuickShell(self.directory))

    async def inject(
        self, anomaly: str, *nodes: str, duration_s: float = 60, severity: Severity = "low"
    ) -> tuple[Injection, ...]:
        """Make it happen."""
        injector = self.injector()
        return await injector.inject(await injector.plan(InjectionRequest(anomaly, nodes, severity, duration_s)))

    def put(self, changed: dict[str, Any]) -> None:
        """Write one of `objects` behind everybody's back."""
        path = self.directory / "objects" / f"{changed['kind']}-{changed['metadata']['name']}.json"
        with alone(self.directory):
            path.write_text(json.dumps(changed), encoding="utf-8")

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What the API server has, as it stands."""
        with alone(self.directory):
            found = sorted((self.directory / "objects").glob("*.json"))
            return [json.loads(path.read_text(encoding="utf-8")) for path in found]
