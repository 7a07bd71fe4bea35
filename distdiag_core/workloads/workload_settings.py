"""The section `workload` of the cluster file: the hosts of benchmark clients, and how these reach the databases."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le
from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.cluster.checks import of_sql, unknown_node
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings, SshSettings
from distdiag_core.settings.model import SETTINGS, Example, Host, Name, Seconds, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.settings.loader import Problem

# The name of this machine for --from.
HERE = "here"


@dataclass(frozen=True, slots=True, config=SETTINGS)
class GeneratorSettings:
    """A machine beside the nodes, with distdiag and what the benchmark needs installed."""

    name: Annotated[Name, Example("g1")]
    """The name for --from, and in messages."""
    host: Annotated[Host, Example("10.0.0.31")]
    """An address, a name, or an alias of ~/.ssh/config."""
    connection: Literal["ssh", "local"] = "ssh"
    """ssh, or local for this machine."""
    ssh: SshSettings | None = None
    """How it is reached, instead of the section ssh of the cluster."""
    command: Annotated[Text | None, Example("/opt/distdiag/bin/distdiag")] = None
    """The program distdiag there. Without it: as workload.command."""


@dataclass(frozen=True, slots=True, config=SETTINGS)
class WorkloadSettings:
    """The hosts that the clients of benchmarks run on, and how these reach the databases."""

    generator: Annotated[str | None, Example("n2")] = None
    """A node, reached by SSH, with distdiag and what the benchmark needs installed. Without it: this machine."""
    generators: tuple[GeneratorSettings, ...] = ()
    """Machines beside the nodes, each with name, host and, where they differ from the cluster's, ssh and command; they
    share a load. It excludes generator."""
    command: Annotated[Text, Example("/opt/distdiag/bin/distdiag")] = "distdiag"
    """The program distdiag there: its path, where a command that comes by SSH does not find it."""
    lease_s: Annotated[Seconds, Ge(10), Le(86_400)] = 600.0
    """How long a load without an end goes on, on another machine, when no console asks for it any more."""
    proxy: Annotated[Host | None, Example("10.0.0.20")] = None
    """An OBProxy that clients connect to instead of the nodes; metrics are read from each node all the same."""
    sql: SqlSettings | None = None
    """The account of clients, and the port of the proxy, as in the section sql. Without it: that of each node."""

    @property
    def generator_names(self) -> tuple[str, ...]:
        """The names for --from of the machines that share a load where none is named; empty for this machine."""
        return (self.generator,) if self.generator is not None else tuple(each.name for each in self.generators)

    def host_of(self, generator: GeneratorSettings, cluster: ClusterSettings) -> NodeSettings:
        """The generator as a host that can be reached like a node."""
        ssh = generator.ssh or cluster.ssh
        return NodeSettings(generator.name, generator.host, connection=generator.connection, ssh=ssh, sql=cluster.sql)


def load_hosts_of(cluster: ClusterSettings) -> tuple[NodeSettings, ...]:
    """The generators that are no nodes, as hosts that can be reached."""
    workload = cluster.section(WorkloadSettings)
    return tuple(workload.host_of(each, cluster) for each in workload.generators)


def _check(workload: WorkloadSettings, cluster: ClusterSettings) -> Iterable[Problem]:
    names = [each.name for each in workload.generators]
    if workload.generator is not None and workload.generator not in {node.name for node in cluster.nodes}:
        yield ("workload", "generator"), unknown_node(workload.generator, cluster.nodes)
    if workload.generator is not None and names:
        yield ("workload", "generators"), "stands beside generator; name all of them by generators"
    for name, count in Counter(names).items():
        if count > 1 or name == HERE:
            what = "is the name of this machine for --from" if name == HERE else f"is the name of {count} generators"
            yield ("workload", "generators", names.index(name), "name"), what
    if workload.sql is not None:
        yield from of_sql(("workload", "sql"), workload.sql)


sections.register(sections.Section("workload", WorkloadSettings, _check))
