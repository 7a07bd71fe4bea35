"""A cluster of nodes that are this machine, and harmless anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, Severity
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.local import LocalShell
from tests.anomalies.catalogue_data import HARMLESS
from tests.anomalies.kubectl_stand_in import Scenario
from tests.anomalies.kubernetes import Kubernetes, pods
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.anomalies.injection import Injection


@dataclass(frozen=True)
class Here:
    """Two nodes on this machine, with their leases and the data of their anomalies in a directory of their own."""

    directory: Path
    injector: Injector
    cluster: ClusterSettings

    async def inject(
        self, anomaly: str, *nodes: str, duration_s: float = 60, severity: Severity = "low"
    ) -> tuple[Injection, ...]:
        """Make it happen."""
        request = InjectionRequest(anomaly, nodes, severity, duration_s)
        return await self.injector.inject(await self.injector.plan(request))

    def processes(self, name: str) -> set[int]:
        """The living processes of an injection, supervisor and all."""
        return {int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if _belongs(path, name)}

    def birth(self, process: int) -> str:
        """When it was started, in the kernel's units."""
        return _read(Path(f"/proc/{process}/stat")).rpartition(") ")[2].split()[19]

    def supervisor(self, name: str) -> int:
        """The process that ends it."""
        return int((self.leases / name / "supervisor").read_text(encoding="ascii").split()[0])

    @property
    def leases(self) -> Path:
        """Where the node keeps them."""
        return self.directory / "leases"

    @property
    def left(self) -> list[str]:
        """What is there of leases and of the data of anomalies, by directory."""
        return [path.name for place in (self.leases, self.directory / "data") for path in place.glob("*/")]


def _belongs(environment: Path, name: str) -> bool:
    return f"DISTDIAG_LEASE={name};" in _read(environment)


def _mentioning(text: str) -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if text in _read(path)]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def cluster_here(data: Path) -> ClusterSettings:
    """Two nodes that are this machine."""
    nodes = tuple(
        NodeSettings(name=name, host="127.0.0.1", connection="local", data_dir=str(data)) for name in ("n1", "n2")
    )
    return ClusterSettings(name="here", nodes=nodes, read_only=False)


def injector_here(cluster: ClusterSettings, leases: Path) -> Injector:
    """Makes the harmless anomalies happen on it."""
    shells = {node.name: LocalShell(node.name) for node in cluster.nodes}
    return Injector(cluster, shells, HARMLESS, lease_directory=str(leases))


@pytest.fixture
def kubernetes(tmp_path: Path) -> Kubernetes:
    """Three pods that can do everything, and nothing on them."""
    kubernetes = Kubernetes(tmp_path)
    kubernetes.is_like(Scenario(pods=pods()))
    return kubernetes


@pytest.fixture
async def here(tmp_path: Path) -> AsyncGenerator[Here]:
    """Clean before and after."""
    data = tmp_path / "data"
    data.mkdir()
    cluster = cluster_here(data)
    here = Here(tmp_path, injector_here(cluster, tmp_path / "leases"), cluster)
    yield here
    # So that a test on something that is never gone leaves nothing behind either.
    for gone in here.leases.glob("*/gone"):
        gone.write_text("true\n", encoding="ascii")
    await here.injector.clear_all()
    await until(lambda: not _mentioning(str(here.leases)), "the supervisors to be gone")
