"""The draft of a cluster file."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distdiag_core import places
from distdiag_core.cluster import inventory
from distdiag_core.errors import ConfigError, quoted
from distdiag_core.settings.model import NAME_PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.cluster.inventory import ClusterSettings

_HEAD = """\
# Written by `distdiag config init`. Every other key is explained in docs/configuration.md and in
# config/cluster.example.yaml; `distdiag config check` finds mistakes.
"""
# What stands for the address of a node that is this machine.
_LOCAL = "local"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """A node of a draft; `sql_port` where it is not that of the cluster, `pod_selector` where it is a pod."""

    name: str
    host: str
    zone: str = ""
    sql_port: int | None = None
    local: bool = False
    pod_selector: str = ""
    data_dir: str = ""


@dataclass(frozen=True, slots=True)
class ClusterDraft:
    """The values of a new cluster file; None where the default holds.

    Attributes:
        kubernetes: the section of that name, where the nodes are pods.
        sources: of metrics; empty for those of OceanBase.
    """

    name: str
    nodes: tuple[NodeDraft, ...]
    ssh_user: str | None = None
    sql_user: str | None = None
    sql_port: int | None = None
    password_env: str | None = None
    password_command: str | None = None
    read_only: bool = True
    production: bool = False
    tenants: tuple[str, ...] = ()
    kubernetes: Mapping[str, str] | None = None
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The file as YAML; texts are quoted, so that none is taken for a number or a truth value."""
        lines = [_HEAD.rstrip()]
        for key, value in self._values().items():
            match value:
                case dict():
                    lines += [f"{key}:", *(f"  {inner}: {json.dumps(each)}" for inner, each in value.items())]
                case list() if key != "nodes":
                    lines.append(f"{key}: {json.dumps(value)}")
                case list():
                    lines += [f"{key}:", *(f"  - {_flow(node)}" for node in value)]
                case _:
                    lines.append(f"{key}: {json.dumps(value)}")
        return "\n".join(lines) + "\n"

    def settings(self) -> ClusterSettings:
        """The draft as a cluster, completed and validated.

        Raises:
            ConfigError: the values do not make a cluster.
        """
        with tempfile.TemporaryDirectory(prefix="distdiag-") as scratch:
            return _checked(Path(scratch) / f"{self.name}.yaml", self.text)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {"name": self.name, "read_only": self.read_only}
        if self.production:
            values["production"] = True
        if self.tenants:
            values["tenants"] = self.tenants[0] if len(self.tenants) == 1 else list(self.tenants)
        if self.sources:
            values["sources"] = list(self.sources)
        if self.ssh_user:
            values["ssh"] = {"user": self.ssh_user}
        password = {"password_env": self.password_env, "password_command": self.password_command}
        sql = {"user": self.sql_user, "port": self.sql_port} | password
        if given := {key: value for key, value in sql.items() if value}:
            values["sql"] = given
        if self.kubernetes:
            values["kubernetes"] = dict(self.kubernetes)
        return values | {"nodes": [_node_values(node) for node in self.nodes]}


def node_of(name: str, host: str) -> NodeDraft:
    """A node by its address, or by `local` for this machine."""
    return NodeDraft(name, _LOOPBACK, local=True) if host == _LOCAL else NodeDraft(name, host)


def parse_node(entry: str) -> NodeDraft:
    """The node of NAME=HOST.

    Raises:
        ConfigError: it is something else.
    """
    name, equals, host = entry.partition("=")
    if not (name and equals and host):
        raise ConfigError(
            f"{quoted(entry)} is no node", where="--node", hint="write NAME=HOST, for instance n1=10.0.0.11"
        )
    return node_of(name, host)


def path_of(name: str) -> Path:
    """The file of a cluster of this name.

    Raises:
        ConfigError: it is no name.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise ConfigError(
            f"{quoted(name)} is no name of a cluster",
            where="config init",
            hint="use letters, digits, dot, dash and underscore, at most 64 of them",
        )
    return places.clusters_dir() / f"{name}.yaml"


def write(draft: ClusterDraft, path: Path, *, overwrite: bool) -> None:
    """Write the file, completely or not at all, if it is well-formed.

    Raises:
        ConfigError: the values do not make a cluster, or the file exists, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=".init-", dir=path.parent) as scratch:
            made = Path(scratch) / path.name
            try:
                _checked(made, draft.text)
            except ConfigError as error:
                raise ConfigError(f"nothing is written: {error}") from error
            if overwrite:
                made.replace(path)
            else:
                os.link(made, path)
    except FileExistsError as error:
        raise taken(path) from error
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def taken(path: Path) -> ConfigError:
    """The error about a file that exists."""
    return ConfigError("exists already", where=str(path), hint="edit it, choose another --name, or say --force")


def _checked(path: Path, text: str) -> ClusterSettings:
    """The settings of a file that is written to `path` for it."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    try:
        return inventory.load(path)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(path), path.name)) from error


def _node_values(node: NodeDraft) -> dict[str, Any]:
    values: dict[str, Any] = {"name": node.name, "host": node.host}
    if node.zone:
        values["zone"] = node.zone
    if node.local:
        values["connection"] = "local"
    if node.pod_selector:
        values |= {"connection": "kubernetes", "pod_selector": node.pod_selector}
    if node.data_dir:
        values["data_dir"] = node.data_dir
    if node.sql_port is not None:
        values["sql"] = {"port": node.sql_port}
    return values


def _flow(values: dict[str, Any]) -> str:
    entries = (f"{key}: {_flow(each) if isinstance(each, dict) else json.dumps(each)}" for key, each in values.items())
    return f"{{{', '.join(entries)}}}"
