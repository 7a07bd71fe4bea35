"""Parameters of peers compared with each other, and of one node with what it had before; pure.

Settings by which a server is told from its peers differ on purpose. They are those of `IDENTITY`, and those whose name
ends as one of `IDENTITY_ENDINGS`: addresses, ports, names, and where files are. They are counted, and not compared.
What a server counts in its variables (`COUNTERS`) changes all the time: it is neither compared nor followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.operations.node_parameters import NodeParameters

IDENTITY = frozenset(
    {
        # OceanBase
        "devname", "local_ip", "observer_id", "server_create_time", "zone",
        # MySQL and MariaDB
        "basedir", "bind_address", "datadir", "general_log_file", "gtid_domain_id", "hostname", "log_bin_basename",
        "log_bin_index", "log_error", "pid_file", "port", "relay_log", "relay_log_basename", "relay_log_index",
        "relay_log_info_file", "report_host", "report_port", "secure_file_priv", "server_id", "server_uid",
        "server_uuid", "slow_query_log_file", "socket", "ssl_cert", "ssl_key", "tmpdir", "wsrep_node_name",
        "wsrep_node_incoming_address", "wsrep_provider_options",
    }
)  # fmt: skip
"""Settings by which a server is told from its peers, by name."""
IDENTITY_ENDINGS = ("_address", "_dir", "_directory", "_hostname", "_ip", "_port", "_socket", "_tmpdir")
"""The ends of further names of such settings."""
COUNTERS = frozenset(
    {
        "gtid_binlog_pos", "gtid_binlog_state", "gtid_current_pos", "gtid_executed", "gtid_purged", "gtid_slave_pos",
        "timestamp", "wsrep_last_committed",
    }
)  # fmt: skip
"""Variables that a server changes by itself."""


@dataclass(frozen=True, slots=True)
class SharedValue:
    """A value, and the nodes that have it; None where they have no such parameter."""

    value: str | None
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a cluster.

    Attributes:
        values: the most common one first; a single one where all nodes agree.
        identity: it differs on purpose, as an address does.
    """

    name: str
    values: tuple[SharedValue, ...]
    identity: bool = False

    @property
    def differs(self) -> bool:
        """Whether nodes differ in it that should not."""
        return len(self.values) > 1 and not self.identity

    @property
    def majority(self) -> SharedValue | None:
        """The value that more than half of the nodes have; None where there is none."""
        first = self.values[0]
        return first if 2 * len(first.nodes) > sum(len(each.nodes) for each in self.values) else None

    def of(self, node: str) -> SharedValue | None:
        """The value of a node, with all who share it; None for a node that was not read."""
        return next((each for each in self.values if node in each.nodes), None)

    def differs_on(self, node: str) -> bool:
        """Whether a node has another value than most, or than any other where there is no majority."""
        own = self.of(node)
        return self.differs and own is not None and own is not self.majority


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter of a node that is not what it was.

    Attributes:
        before, after: None where there was or is no such parameter.
        read_s: seconds since the epoch when it was last read with the old value.
        noticed_s: when it was first read with the new value.
    """

    node: str
    name: str
    before: str | None
    after: str | None
    read_s: float
    noticed_s: float


def compare(read: Sequence[NodeParameters]) -> tuple[Parameter, ...]:
    """Every parameter of the nodes by name, each with its values.

    Nodes that were read in another way than most are left out: the names of their parameters are others.
    """
    of_nodes = comparable(read)
    names = sorted({name for each in of_nodes for name in each.values})
    return tuple(_parameter(name, of_nodes) for name in names if _bare(name) not in COUNTERS)


def comparable(read: Sequence[NodeParameters]) -> tuple[NodeParameters, ...]:
    """The nodes that were read as most of them were."""
    sources = [each.source for each in read]
    return tuple(each for each in read if each.source == max(sources, key=sources.count))


def is_identity(name: str) -> bool:
    """Whether a server is told from its peers by this setting."""
    return _bare(name) in IDENTITY or _bare(name).endswith(IDENTITY_ENDINGS)


def changes(
    node: str, before: Mapping[str, str], after: Mapping[str, str], read_s: float, noticed_s: float
) -> tuple[ParameterChange, ...]:
    """What changed on a node between two readings, by name."""
    names = sorted(before.keys() | after.keys())
    return tuple(
        ParameterChange(node, name, before.get(name), after.get(name), read_s, noticed_s)
        for name in names
        if before.get(name) != after.get(name) and _bare(name) not in COUNTERS
    )


def _bare(name: str) -> str:
    """The name without the tenant that has it for itself."""
    return name.partition(" ")[0]


def _parameter(name: str, of_nodes: Sequence[NodeParameters]) -> Parameter:
    having: dict[str | None, list[str]] = {}
    for each in of_nodes:
        having.setdefault(each.values.get(name), []).append(each.node)
    values = sorted(having.items(), key=lambda item: -len(item[1]))
    return Parameter(name, tuple(SharedValue(value, tuple(nodes)) for value, nodes in values), is_identity(name))
