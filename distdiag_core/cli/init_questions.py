"""The questions of `distdiag config init`; all of them go to stderr, as every message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from distdiag_core.setup.cluster_draft import ClusterDraft, NodeDraft


@dataclass(frozen=True, slots=True)
class Answers:
    """What options and questions have said; None where the default holds.

    Attributes:
        seed: the address of the node that is asked for the others.
        nodes: NAME=HOST each.
        pods: whether the nodes are pods under ob-operator, with these labels (`selector`).
    """

    name: str | None
    seed: str | None
    nodes: tuple[str, ...]
    ssh_user: str | None
    sql_user: str | None
    sql_port: int | None
    password_env: str | None
    password_command: str | None
    allow_changes: bool
    production: bool
    tenants: tuple[str, ...]
    pods: bool = False
    selector: str | None = None
    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    pod_sql: str | None = None

    @property
    def kubernetes(self) -> dict[str, str] | None:
        """The section of the cluster file, as far as it is answered; None where the nodes are no pods."""
        named = {
            "namespace": self.namespace,
            "context": self.context,
            "kubeconfig": self.kubeconfig,
            "sql": self.pod_sql,
        }
        return {key: value for key, value in named.items() if value} if self.pods else None

    def draft(self) -> ClusterDraft:
        """The answers as the draft of a cluster file.

        Raises:
            ConfigError: an entry is no node.
        """
        from distdiag_core.setup.cluster_draft import ClusterDraft, node_of, parse_node

        named = tuple(map(parse_node, self.nodes))
        return ClusterDraft(
            self.name or "",
            named or (node_of("n1", self.seed or ""),),
            self.ssh_user,
            self.sql_user,
            self.sql_port,
            self.password_env,
            self.password_command,
            read_only=not self.allow_changes,
            production=self.production,
            tenants=self.tenants,
            kubernetes=self.kubernetes,
        )


def ask(known: Answers) -> Answers:
    """Ask for the name, one node, and what no option says of the accounts."""
    name = known.name or _text("Name of the cluster")
    seed = known.seed
    if seed is None and not known.nodes:
        seed = _text("Address of one node (local: this machine)")
    with_password = known.password_env or known.password_command
    return replace(
        known,
        name=name,
        seed=seed,
        ssh_user=known.ssh_user or _text("SSH account (nothing: as ~/.ssh/config says)"),
        sql_user=known.sql_user or _text("SQL account", default="root"),
        sql_port=known.sql_port or click.prompt("SQL port", default=2881, type=click.IntRange(1, 65535), err=True),
        password_env=known.password_env
        if with_password
        else _text("Environment variable that holds the SQL password (nothing: none)"),
    )


def ask_nodes(there_are: tuple[NodeDraft, ...]) -> tuple[NodeDraft, ...]:
    """Ask for further nodes, until nothing is answered."""
    from distdiag_core.setup.cluster_draft import parse_node

    nodes = list(there_are)
    while (entry := _text(f"Node {len(nodes) + 1} as NAME=HOST, or nothing after the last")) is not None:
        nodes.append(parse_node(entry))
    return tuple(nodes)


def confirmed(question: str, *, default: bool) -> bool:
    """Whether the operator says yes."""
    return bool(click.confirm(question, default=default, err=True))


def _text(question: str, default: str = "") -> str | None:
    return click.prompt(question, default=default, show_default=bool(default), err=True) or None
