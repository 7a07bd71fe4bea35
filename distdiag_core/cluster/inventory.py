"""The cluster file: the nodes, how they are reached, and the sections of the other rooms."""

from __future__ import annotations

import os
from dataclasses import field, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeVar

from annotated_types import Ge, Le, MinLen
from pydantic import BeforeValidator, StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core import places
from distdiag_core.cluster import checks, sections
from distdiag_core.cluster.layers import Layers, Origin, environment
from distdiag_core.cluster.tls import TlsSettings, section_of
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings import loader, yaml_document
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import SETTINGS, Command, Example, Flag, Host, Name, Port, Seconds, Text, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from distdiag_core.settings.loader import Problem

S = TypeVar("S")
AccentName = Literal["blue", "cyan", "green", "yellow", "orange", "red", "magenta"]


def _names(value: object) -> object:
    """A list, also where one name stands for it."""
    return (value,) if isinstance(value, str) else value


_Variable = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"),
    Words("the name of an environment variable", secret=True),
]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class SshSettings:
    """How nodes are reached by SSH.

    ~/.ssh/config is honoured (aliases, ProxyJump, keys), and so is the agent; what stands here overrides it. Host keys
    are always checked.
    """

    user: Annotated[Text | None, Example("admin")] = None
    """The account. Without it: as ~/.ssh/config says, else your own name."""
    port: Annotated[Port | None, Example(22)] = None
    """The port of sshd. Without it: as ~/.ssh/config says, else 22."""
    identity: Annotated[Text | None, Example("~/.ssh/id_ed25519")] = None
    """A private key without a passphrase; one with a passphrase belongs into the agent, without this key."""
    known_hosts: Annotated[Text | None, Example("~/.ssh/known_hosts")] = None
    """The file of trusted host keys. Without it: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts."""
    jump: Annotated[Text | None, Example("admin@jump.example.com")] = None
    """Hosts to go through, [user@]host[:port], several with commas between them. Without it: as ~/.ssh/config says."""
    connect_timeout_s: Timeout = 10.0
    """How long connecting may take."""


@dataclass(frozen=True, slots=True, config=SETTINGS)
class SqlSettings:
    """How the databases on nodes are reached; a password never stands in the file."""

    user: str = "root"
    """The account. OceanBase wants user@tenant where the tenant is not sys."""
    port: Port = 2881
    """The port of the MySQL protocol."""
    password_env: Annotated[_Variable | None, Example("SHOP_SQL_PASSWORD")] = None
    """The environment variable that holds the password. Without it and password_command the password is empty."""
    password_command: Annotated[Command | None, Example("pass show shop/sql", alternative=True)] = None
    """A command that prints the password, run on this machine without a shell; it excludes password_env."""
    connect_timeout_s: Timeout = 5.0
    """How long connecting may take."""
    read_timeout_s: Timeout = 5.0
    """How long an answer may take; the connection is made anew after that."""
    tls: Annotated[TlsSettings | None, BeforeValidator(section_of), Words("true, false or a section")] = None
    """TLS; true is the section with its defaults. Without it, and with false, connections are not encrypted."""


@dataclass(frozen=True, slots=True, config=SETTINGS)
class NodeSettings:
    """One host with one observer process."""

    name: Annotated[Name, Example("n1")]
    """The name on screen, in recordings and in cases."""
    host: Annotated[Host, Example("10.0.0.11")]
    """An address, a name, or an alias of ~/.ssh/config whose name or address the database answers to as well."""
    zone: Annotated[str, Example("zone1")] = ""
    """Shown, and used to group nodes."""
    connection: Literal["ssh", "local", "kubernetes", "none"] = "ssh"
    """ssh, local for a node that is this machine, or kubernetes for a pod that is reached by kubectl exec; none for one
    that is neither reached by a shell nor by SQL, and whose figures come from elsewhere."""
    # What a node does not say is taken from the cluster; `load` fills it in, so that readers never look twice.
    ssh: SshSettings | None = None
    """Overrides the section ssh of the cluster for this node, key by key."""
    sql: SqlSettings | None = None
    """Overrides the section sql of the cluster for this node, key by key."""
    data_dir: Annotated[str | None, Example("/data/1")] = None
    """The directory of the database's files; the disk under it is watched. Without it: the root directory."""
    device: Annotated[str | None, Example("nvme0n1")] = None
    """The disk to watch. Without it: the one that holds data_dir."""
    interface: Annotated[str | None, Example("eth0")] = None
    """The network interface to watch. Without it: that of the default route."""
    start_command: Annotated[str | None, Example("systemctl start observer")] = None
    """A command that starts the observer again after an anomaly has stopped it."""
    pod: Annotated[str | None, Example("shop-1-zone1-0")] = None
    """For connection: kubernetes and the backend chaos_mesh: the pod that the node is, by name."""
    pod_selector: Annotated[str | None, Example("ref-observer=shop-1", alternative=True)] = None
    """The same by labels that no other pod has, so that a pod with another name is found again; it excludes pod."""


@dataclass(frozen=True, slots=True, config=SETTINGS)
class ClusterSettings:
    """A named set of nodes, the accounts that reach them, and the settings of the other rooms.

    Attributes:
        sections: the settings of the other rooms, as far as the cluster file has them; no key of the file.
    """

    name: Annotated[Name, Example("shop")]
    """The name of the cluster, on screen and for --cluster."""
    nodes: Annotated[tuple[NodeSettings, ...], MinLen(1)]
    """The hosts of the cluster."""
    production: Flag = False
    """true: the console looks different, and the command line wants --confirm NAME before it changes anything."""
    accent: Annotated[AccentName | None, Example("cyan")] = None
    """The colour of the cluster's name, of headings and of borders in the console, to tell clusters apart."""
    read_only: Flag = True
    """true: nothing is ever injected, started or changed."""
    tenants: Annotated[
        tuple[Text, ...], BeforeValidator(_names), MinLen(1), Words("a tenant, a list of tenants, or all")
    ] = ("sys",)
    """The tenants whose statistics are shown, summed where there are several; all for every one that the account sees.
    An account of a user tenant sees that tenant alone."""
    tenant: Annotated[Text | None, Example("sys", alternative=True)] = None
    """One tenant; the earlier name of tenants, which it excludes."""
    interval_s: Annotated[Seconds, Ge(0.2), Le(60)] = 1.0
    """The time between two samples."""
    sources: tuple[str, ...] = ("host", "sysstat")
    """Where metrics come from."""
    ssh: SshSettings = field(default_factory=SshSettings)
    sql: SqlSettings = field(default_factory=SqlSettings)
    backend: str = "ssh"
    """How anomalies are injected."""
    sections: tuple[Any, ...] = ()

    @property
    def watched_tenants(self) -> tuple[str, ...]:
        """The names of the tenants whose statistics are shown; `all` alone for every one."""
        return self.tenants if self.tenant is None else (self.tenant,)

    def node(self, name: str) -> NodeSettings:
        """The node called `name`.

        Raises:
            ConfigError: there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise ConfigError(
            f"no node is called {quoted(name)}", where=f"cluster {self.name}", hint=f"its nodes are: {known}"
        )

    def section(self, kind: type[S]) -> S:
        """The settings of another room, with its defaults where the cluster file does not have that section."""
        return next((each for each in self.sections if isinstance(each, kind)), None) or kind()


# The keys of the cluster file that belong to this room.
KEYS = tuple(each.name for each in fields(ClusterSettings) if each.name != "sections")


class Inventory(NamedTuple):
    """The settings of a cluster, and the origin of each value."""

    settings: ClusterSettings
    origins: tuple[Origin, ...]


def load(path: Path, flags: Mapping[str, object] | None = None) -> ClusterSettings:
    """Read, validate and complete the cluster file at `path`.

    `flags` are values of the command line by dotted key, such as `{"sql.port": 2882}`; they win over the environment,
    which wins over the file.

    Raises:
        ConfigError: every problem of the file, one a line.
    """
    return read(path, flags).settings


def read(path: Path, flags: Mapping[str, object] | None = None) -> Inventory:
    """Like `load`, with the origin of every value."""
    document = yaml_document.read(path)
    problems = [*document.repeated]
    _, found = _parsed(document.data)
    problems += [(document.line(key) or 0, f"{document.place(key)}: {what}") for key, what in found]
    _refuse(problems)
    layers = Layers(document, environment(os.environ), dict(flags or {}))
    cluster, found = _parsed(layers.completed())
    if cluster is not None:
        found = (*found, *checks.problems(cluster), *_section_problems(cluster))
    _refuse([(document.line(key) or 0, f"{layers.place(key)}: {what}") for key, what in found])
    if cluster is None:
        raise AssertionError("a cluster file is refused with a reason")
    return Inventory(cluster, layers.origins(values(cluster)))


def values(cluster: ClusterSettings) -> dict[str, object]:
    """The settings by the keys of the cluster file, with those of every section in force."""
    return {key: getattr(cluster, key) for key in KEYS} | {key: value for key, (_, value) in _in_force(cluster).items()}


def known() -> list[str]:
    """The names of the clusters that have a file."""
    return sorted(file.stem for file in places.clusters_dir().glob("*.yaml"))


def find(name: str) -> Path:
    """The file of the cluster called `name`.

    Raises:
        ConfigError: there is none; the ones that exist are listed.
    """
    path = places.clusters_dir() / f"{name}.yaml"
    if path.is_file():
        return path
    names = ", ".join(known()) or "none yet"
    raise ConfigError(f"no cluster is called {quoted(name)}", where=str(path), hint=f"known clusters: {names}")


def _parsed(data: object) -> tuple[ClusterSettings | None, tuple[Problem, ...]]:
    """The cluster of plain data, with its sections; None where there are problems."""
    if not isinstance(data, dict):
        _, wrong = loader.check(data, ClusterSettings)
        return None, wrong
    applicable = sections.applicable_sections(data, _DEFAULTS)
    problems, made = list(applicable.problems), []
    known = (*KEYS, *applicable.sections)
    problems += [((key,), loader.unknown_key(key, known)) for key in data if key not in known]
    for key, section in applicable.sections.items():
        if data.get(key) is not None:
            value, found = loader.check(data[key], section.settings)
            problems += [((key, *inner), what) for inner, what in found]
            made.append(value)
    own = {key: value for key, value in data.items() if key in KEYS}
    cluster, found = loader.check(own | ({"sections": tuple(made)} if not problems else {}), ClusterSettings)
    problems += found
    return (None if problems else cluster), tuple(problems)


def _section_problems(cluster: ClusterSettings) -> list[Problem]:
    return [problem for section, value in _in_force(cluster).values() for problem in section.check(value, cluster)]


def _in_force(cluster: ClusterSettings) -> dict[str, tuple[sections.Section, Any]]:
    """The sections that the cluster file has, and those that apply with their defaults; in order of their keys."""
    named = {key: getattr(cluster, key) for key in _DEFAULTS}
    found: dict[str, tuple[sections.Section, Any]] = {}
    for key, section in sections.applicable_sections(named, _DEFAULTS).sections.items():
        if not section.required:
            found[key] = section, section.settings()
    for value in cluster.sections:
        section = sections.of(type(value))
        found[section.key] = section, value
    return dict(sorted(found.items()))


_DEFAULTS = {each.name: each.default for each in fields(ClusterSettings) if each.name in KEYS}


def _refuse(problems: list[tuple[int, str]]) -> None:
    if problems:
        texts = dict.fromkeys(text for _, text in sorted(problems, key=lambda each: each[0]))
        raise ConfigError("\n".join(texts))
