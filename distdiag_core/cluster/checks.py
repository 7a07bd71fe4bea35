"""What a well-formed cluster file must also fulfil; each mistake is a key and what is wrong with it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from typing import TYPE_CHECKING

from distdiag_core.cluster import kubernetes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import (
        AbortSettings,
        ClusterSettings,
        CollectingSettings,
        NodeSettings,
        SqlSettings,
        SshSettings,
    )
    from distdiag_core.settings.loader import KeyPath

Mistake = tuple["KeyPath", str]

SOURCES = ("host", "sysstat")
SHORTEST_INTERVAL_S = 0.2
LONGEST_INTERVAL_S = 60.0
LONGEST_TIMEOUT_S = 300.0

# Names become names of files, columns and cgroups.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
# Not an option of a program, no blanks; whether it exists is seen when it is reached for.
_HOST = re.compile(r"[^\s-]\S{0,254}")


def mistakes(cluster: ClusterSettings) -> list[Mistake]:
    """Everything that is wrong with a completed cluster file, without repetitions."""
    found = [
        *_of_cluster(cluster),
        *_of_workload(cluster),
        *kubernetes.mistakes(cluster),
        *_of_protection(cluster),
        *_of_abort(cluster.abort),
        *_of_collecting(cluster.collecting),
    ]
    for index, node in enumerate(cluster.nodes):
        found += _of_node(("nodes", index), node)
    return list(dict.fromkeys(found))


def _of_cluster(cluster: ClusterSettings) -> Iterable[Mistake]:
    if not _NAME.fullmatch(cluster.name):
        yield ("name",), _bad_name(cluster.name)
    if not SHORTEST_INTERVAL_S <= cluster.interval_s <= LONGEST_INTERVAL_S:
        bounds = f"{SHORTEST_INTERVAL_S:g} to {LONGEST_INTERVAL_S:g} s"
        yield ("interval_s",), f"must be {bounds}, not {cluster.interval_s:g}"
    if not cluster.tenant.strip():
        yield ("tenant",), "must name a tenant, for instance sys"
    if not cluster.nodes:
        yield ("nodes",), "must name at least one node"
    for index, source in enumerate(cluster.sources):
        if source not in SOURCES:
            yield ("sources", index), f"no source is called {source!r}; there are: {', '.join(SOURCES)}"
    for name, count in Counter(node.name for node in cluster.nodes).items():
        if count > 1:
            last = max(index for index, node in enumerate(cluster.nodes) if node.name == name)
            yield ("nodes", last, "name"), f"{count} nodes are called {name!r}; give each a name of its own"


def _of_protection(cluster: ClusterSettings) -> Iterable[Mistake]:
    known = {node.name for node in cluster.nodes}
    for index, name in enumerate(cluster.protect.nodes):
        if name not in known:
            there_are = ", ".join(sorted(known))
            yield ("protect", "nodes", index), f"no node is called {name!r}; there are: {there_are}"
    for index, name in enumerate(cluster.protect.allow):
        if not _NAME.fullmatch(name):
            yield ("protect", "allow", index), f"must be the name of an anomaly, not {name!r}"
    if cluster.protect.max_nodes is not None and cluster.protect.max_nodes < 0:
        yield ("protect", "max_nodes"), f"must be 0 or more, not {cluster.protect.max_nodes}"
    if not 0 < cluster.protect.max_duration_s <= 86_400:
        yield ("protect", "max_duration_s"), f"must be up to 86400 s (a day), not {cluster.protect.max_duration_s:g}"


def _of_collecting(collecting: CollectingSettings) -> Iterable[Mistake]:
    # A case is cut out of the history, which goes back ten minutes at one tick a second.
    bounds = {"before_s": (1, 120), "after_s": (1, 120), "recovery_s": (0, 60), "settle_s": (0, 120)}
    for key, (least, most) in {**bounds, "balance_points": (0, 100)}.items():
        value: float = getattr(collecting, key)
        if not least <= value <= most:
            yield ("collecting", key), f"must be {least} to {most}, not {value:g}"


def _of_workload(cluster: ClusterSettings) -> Iterable[Mistake]:
    generator = cluster.workload.generator
    known = {node.name for node in cluster.nodes}
    if generator is not None and generator not in known:
        yield ("workload", "generator"), f"no node is called {generator!r}; there are: {', '.join(sorted(known))}"
    if not cluster.workload.command.strip():
        yield ("workload", "command"), "must name a program"


def _of_abort(abort: AbortSettings) -> Iterable[Mistake]:
    for name, limit in (("max_p95_ms", abort.max_p95_ms), ("max_errors_per_s", abort.max_errors_per_s)):
        if limit is not None and not limit > 0:
            yield ("abort", name), f"must be more than 0, not {limit:g}"
    if not 0 <= abort.for_s <= LONGEST_TIMEOUT_S:
        yield ("abort", "for_s"), f"must be 0 to {LONGEST_TIMEOUT_S:g} s, not {abort.for_s:g}"


def _of_node(key: KeyPath, node: NodeSettings) -> Iterable[Mistake]:
    if not _NAME.fullmatch(node.name):
        yield (*key, "name"), _bad_name(node.name)
    if not _HOST.fullmatch(node.host):
        yield (*key, "host"), f"must be an address, a host name or an alias of ~/.ssh/config, not {node.host!r}"
    if node.ssh is not None:
        yield from _of_ssh((*key, "ssh"), node.ssh)
    if node.sql is not None:
        yield from _of_sql((*key, "sql"), node.sql)


def _of_ssh(key: KeyPath, ssh: SshSettings) -> Iterable[Mistake]:
    if ssh.port is not None:
        yield from _of_port((*key, "port"), ssh.port)
    yield from _of_timeout((*key, "connect_timeout_s"), ssh.connect_timeout_s)


def _of_sql(key: KeyPath, sql: SqlSettings) -> Iterable[Mistake]:
    yield from _of_port((*key, "port"), sql.port)
    yield from _of_timeout((*key, "connect_timeout_s"), sql.connect_timeout_s)
    yield from _of_timeout((*key, "read_timeout_s"), sql.read_timeout_s)
    if sql.password_env is not None and sql.password_command is not None:
        yield (*key, "password_command"), "stands beside password_env; the password can come from one of them alone"
    if sql.password_env == "":
        yield (*key, "password_env"), "must name an environment variable"
    if sql.password_command is not None and not _splits(sql.password_command):
        yield (*key, "password_command"), "must be a program and its arguments, with quotes that match"


def _of_port(key: KeyPath, port: int) -> Iterable[Mistake]:
    if not 1 <= port <= 65_535:
        yield key, f"must be a port, 1 to 65535, not {port}"


def _of_timeout(key: KeyPath, timeout_s: float) -> Iterable[Mistake]:
    if not 0 < timeout_s <= LONGEST_TIMEOUT_S:
        yield key, f"must be more than 0 and at most {LONGEST_TIMEOUT_S:g} s, not {timeout_s:g}"


def _splits(command: str) -> bool:
    try:
        return bool(shlex.split(command))
    except ValueError:
        return False


def _bad_name(name: str) -> str:
    return f"{name!r} cannot be a name: letters, digits, dot, dash and underscore, at most 64 of them"
