"""The cluster file: which nodes there are, how they are reached, and what may be done to them.

`config/cluster.example.yaml` explains every key to the operator.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from distdiag_core import places
from distdiag_core.cluster import checks
from distdiag_core.cluster.kubernetes import KubernetesSettings  # noqa: TC001 - read at run time by files
from distdiag_core.cluster.layers import Layers, environment
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from distdiag_core.cluster.layers import Origin

Connection = Literal["ssh", "local"]
BackendName = Literal["ssh", "chaos_mesh"]
Severity = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class SshSettings:
    """How a node is reached by SSH; what is None is left to `~/.ssh/config` and to SSH's own defaults."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    user: str | None = None
    port: int | None = None
    identity: str | None = None
    known_hosts: str | None = None
    jump: str | None = None
    connect_timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """How the database on a node is reached; a password never stands in the file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    user: str = "root"
    port: int = 2881
    password_env: str | None = None
    password_command: str | None = None
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One host with one observer process."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    host: str
    zone: str = ""
    connection: Connection = "ssh"
    # What a node does not say is taken from the cluster; `load` fills it in, so that readers never look twice.
    ssh: SshSettings | None = None
    sql: SqlSettings | None = None
    data_dir: str | None = None
    device: str | None = None
    interface: str | None = None
    start_command: str | None = None
    pod: str | None = None
    pod_selector: str | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """What may never be done to the cluster."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    nodes: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    max_nodes: int | None = None
    max_severity: Severity = "high"
    max_duration_s: float = 600.0


@dataclass(frozen=True, slots=True)
class AbortSettings:
    """The steady state; where it is broken for `for_s`, what a console has injected is ended at once."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    node_lost: bool = True
    max_p95_ms: float | None = None
    max_errors_per_s: float | None = None
    for_s: float = 10.0


@dataclass(frozen=True, slots=True)
class WorkloadSettings:
    """Where the clients of benchmarks run: on this machine, or on one of the nodes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    generator: str | None = None
    command: str = "distdiag"


@dataclass(frozen=True, slots=True)
class CollectingSettings:
    """How long the parts of a case are, and when a dataset is balanced."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    before_s: float = 20.0
    after_s: float = 20.0
    recovery_s: float = 5.0
    settle_s: float = 15.0
    balance_points: float = 30.0


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """A named set of nodes, the accounts that reach them, and the limits of what may happen to them."""

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    nodes: tuple[NodeSettings, ...]
    production: bool = False
    read_only: bool = True
    tenant: str = "sys"
    interval_s: float = 1.0
    sources: tuple[str, ...] = ("host", "sysstat")
    ssh: SshSettings = field(default_factory=SshSettings)
    sql: SqlSettings = field(default_factory=SqlSettings)
    protect: Protection = field(default_factory=Protection)
    backend: BackendName = "ssh"
    kubernetes: KubernetesSettings | None = None
    abort: AbortSettings = field(default_factory=AbortSettings)
    workload: WorkloadSettings = field(default_factory=WorkloadSettings)
    collecting: CollectingSettings = field(default_factory=CollectingSettings)

    def node(self, name: str) -> NodeSettings:
        """The node called `name`.

        Raises:
            ConfigError: there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise ConfigError(f"no node is called {name!r}", where=f"cluster {self.name}", hint=f"its nodes are: {known}")


def load(path: Path, flags: Mapping[str, object] | None = None) -> ClusterSettings:
    """Read, validate and complete the cluster file at `path`.

    `flags` are values of the command line by dotted key, such as `{"sql.port": 2882}`; they win over the environment,
    which wins over the file.

    Raises:
        ConfigError: every mistake of the file, one a line.
    """
    return read(path, flags).settings


@dataclass(frozen=True, slots=True)
class Inventory:
    """A cluster file in force, and where each of its values comes from."""

    settings: ClusterSettings
    origins: tuple[Origin, ...]


def read(path: Path, flags: Mapping[str, object] | None = None) -> Inventory:
    """Like `load`, with the origin of every value."""
    document = loader.read(path)
    loader.validate(document.data, ClusterSettings, where=document.where, root=document.root)
    layers = Layers(document, environment(os.environ), dict(flags or {}))
    completed = loader.validate(layers.completed(), ClusterSettings, where=document.where, place=layers.place)
    if mistakes := checks.mistakes(completed):
        raise ConfigError("\n".join(dict.fromkeys(f"{layers.place(key)}: {what}" for key, what in mistakes)))
    return Inventory(completed, layers.origins(completed))


def find(name: str) -> Path:
    """The file of the cluster called `name`.

    Raises:
        ConfigError: there is none; the ones that exist are listed.
    """
    path = places.clusters_dir() / f"{name}.yaml"
    if path.is_file():
        return path
    known = ", ".join(sorted(file.stem for file in places.clusters_dir().glob("*.yaml"))) or "none yet"
    raise ConfigError(f"no cluster is called {name!r}", where=str(path), hint=f"known clusters: {known}")
