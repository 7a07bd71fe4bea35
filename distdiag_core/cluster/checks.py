"""The problems of a cluster file that show only when several of its values are seen together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from distdiag_core.cluster import ssh_jump
from distdiag_core.cluster.kubernetes_settings import kubernetes_of
from distdiag_core.cluster.tenants import ALL, SYS
from distdiag_core.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
    from distdiag_core.settings.loader import Problem
    from distdiag_core.settings.yaml_document import KeyPath

# Sources whose figures come from the database.
_OF_DATABASE = frozenset({"sysstat", "mysql_status"})


def problems(cluster: ClusterSettings) -> list[Problem]:
    """The problems of a completed cluster file, each with its key."""
    found = [*_of_names(cluster), *_of_endpoints(cluster), *_of_tenants(cluster), *_of_pods(cluster)]
    for index, node in enumerate(cluster.nodes):
        if mistake := ssh_jump.host_mistake(node.host):
            found.append((("nodes", index, "host"), mistake))
        if node.ssh is not None and node.ssh.jump is not None:
            found += _of_jump(("nodes", index, "ssh", "jump"), node.ssh.jump)
        if node.sql is not None:
            found += of_sql(("nodes", index, "sql"), node.sql)
    return found


def unknown_node(name: str, nodes: Iterable[NodeSettings]) -> str:
    """The message about the name of a node that is none of `nodes`."""
    return f"no node is called {quoted(name)}; there are: {', '.join(sorted(node.name for node in nodes))}"


def _of_names(cluster: ClusterSettings) -> Iterable[Problem]:
    for name, count in Counter(node.name for node in cluster.nodes).items():
        if count > 1:
            last = max(index for index, node in enumerate(cluster.nodes) if node.name == name)
            yield ("nodes", last, "name"), f"{count} nodes are called {quoted(name)}; give each a name of its own"


def _of_endpoints(cluster: ClusterSettings) -> Iterable[Problem]:
    """Nodes whose figures would come from one server, as far as the file shows it."""
    first: dict[tuple[object, ...], str] = {}
    with_sql = not _OF_DATABASE.isdisjoint(cluster.sources)
    for index, node in enumerate(cluster.nodes):
        if node.sql is None or node.ssh is None:
            continue
        # Without figures of the database, the port of SSH may still tell two machines apart.
        way = node.sql.port if with_sql else (node.connection, node.ssh.port, node.sql.port)
        earlier = first.setdefault((node.host.lower(), way), node.name)
        if earlier != node.name:
            place = f"{node.host}:{node.sql.port}"
            what = f"{place} is the node {earlier} already; name the server of each node itself, by host and sql.port: "
            yield ("nodes", index, "host"), f"{what}behind a proxy all of them would show one server"


def _of_tenants(cluster: ClusterSettings) -> Iterable[Problem]:
    if cluster.tenant is not None and cluster.tenants != (SYS,):
        yield ("tenant",), "stands beside tenants; name all of them by tenants"
    if ALL in cluster.tenants and len(cluster.tenants) > 1:
        yield ("tenants",), "has all beside names; all alone means every tenant"


def _of_pods(cluster: ClusterSettings) -> Iterable[Problem]:
    pods = any(node.connection == "kubernetes" for node in cluster.nodes)
    if pods and kubernetes_of(cluster) is None:
        yield ("kubernetes",), "is required for connection: kubernetes, with the key: namespace"


def _of_jump(key: KeyPath, jump: str) -> Iterable[Problem]:
    try:
        ssh_jump.parse(jump)
    except ValueError as error:
        yield key, str(error)


def of_sql(key: KeyPath, sql: SqlSettings) -> Iterable[Problem]:
    """The problems of an SQL account."""
    if sql.password_env is not None and sql.password_command is not None:
        yield (*key, "password_command"), "stands beside password_env; the password can come from one of them alone"
    if sql.tls is not None and sql.tls.key is not None and sql.tls.cert is None:
        yield (*key, "tls", "key"), "stands without cert; a private key needs the certificate that it belongs to"
