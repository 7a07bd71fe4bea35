"""The problems of a cluster file that show only when several of its values are seen together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
    from distdiag_core.settings.loader import Problem
    from distdiag_core.settings.yaml_document import KeyPath


def problems(cluster: ClusterSettings) -> list[Problem]:
    """The problems of a completed cluster file, each with its key."""
    found = [*_of_names(cluster)]
    for index, node in enumerate(cluster.nodes):
        if node.sql is not None:
            found += _of_sql(("nodes", index, "sql"), node.sql)
    return found


def unknown_node(name: str, nodes: Iterable[NodeSettings]) -> str:
    """The message about the name of a node that is none of `nodes`."""
    return f"no node is called {name!r}; there are: {', '.join(sorted(node.name for node in nodes))}"


def _of_names(cluster: ClusterSettings) -> Iterable[Problem]:
    for name, count in Counter(node.name for node in cluster.nodes).items():
        if count > 1:
            last = max(index for index, node in enumerate(cluster.nodes) if node.name == name)
            yield ("nodes", last, "name"), f"{count} nodes are called {name!r}; give each a name of its own"


def _of_sql(key: KeyPath, sql: SqlSettings) -> Iterable[Problem]:
    if sql.password_env is not None and sql.password_command is not None:
        yield (*key, "password_command"), "stands beside password_env; the password can come from one of them alone"
