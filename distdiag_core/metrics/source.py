"""The interface of a source of metrics, and the registry of sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from distdiag_core.metrics import catalogue, connection
from distdiag_core.metrics.catalogue import MetricCatalogue
from distdiag_core.settings.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.sections import Section
    from distdiag_core.cluster.shell import Shell
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.connection import Connection

# Figures of benchmark clients; they are read wherever a workload runs, whatever the cluster file says.
WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class Reading:
    """The values of a source for one node at one moment.

    Attributes:
        clock_s: the moment, on a clock of the node that never goes back; counters become rates by its differences.
        values: by the source's own keys; counters as they stand, gauges as they are. A missing key is unknown.
        notes: why values are missing that the cluster file asks for.
    """

    clock_s: float
    values: Mapping[str, float]
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """Reads the values of one node, once a tick."""

    name: str

    async def read(self) -> Reading:
        """Ask the node now.

        It is always called from the same task and never twice at a time: a slow answer may come ticks later, until it
        is cancelled. After a failure or a cancellation it is simply called again, at a later tick.

        Raises:
            UnreachableError: the node did not answer.
            DataError: its answer cannot be understood.
        """

    async def close(self) -> None:
        """Release what it holds on the node; called in the task that reads."""


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source is made from.

    Attributes:
        keys: the keys that the catalogue wants of this source, each once.
    """

    node: NodeSettings
    cluster: ClusterSettings
    shell: Shell
    database: Database
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source, as its module registers it.

    Attributes:
        name: in `sources:` of a cluster file, and the first part of the names of its metrics.
        summary: what it reads, in a few words that follow its name.
        make: the source of one node; nothing is asked yet.
        metrics: its entries of the catalogue, beside those of `config/metrics.yaml`.
        section: of the cluster file, for settings of this kind; `context.cluster.section` has its value.
        views: of the database, which its SQL account has to be allowed to read.
        connection: what it is read by, whose state is a metric of its own; None where that is neither of the two.
    """

    name: str
    summary: str
    make: Callable[[SourceContext], Source]
    metrics: tuple[Metric, ...] = ()
    section: Section | None = None
    views: tuple[str, ...] = ()
    connection: Connection | None = None


SOURCES: Registry[SourceKind] = Registry(
    "source", package="distdiag_core.metrics.sources", module="source", group="distdiag.metrics_sources"
)


def metrics_of(sources: Iterable[str]) -> MetricCatalogue:
    """The metrics of these sources, of their connections and of workloads, the shipped ones first.

    Raises:
        ConfigError: no source has one of these names, or its metrics are wrong.
    """
    kinds = [SOURCES.get(name) for name in sources]
    watched = set(connections_of(sources).values())
    wanted = catalogue.load(extra=[metric for kind in kinds for metric in kind.metrics]).of(
        (*sources, connection.SOURCE, WORKLOAD)
    )
    return MetricCatalogue(
        tuple(each for each in wanted.metrics if each.source != connection.SOURCE or each.key in watched)
    )


def connections_of(sources: Iterable[str]) -> dict[str, Connection]:
    """What these sources are read by, by their names; without those that are read by neither connection.

    Raises:
        ConfigError: no source has one of these names.
    """
    kinds = (SOURCES.get(name) for name in sources)
    return {kind.name: kind.connection for kind in kinds if kind.connection is not None}


def sources_of(
    node: NodeSettings, cluster: ClusterSettings, metrics: MetricCatalogue, shell: Shell, database: Database
) -> tuple[Source, ...]:
    """The sources of `node`, as the cluster file lists them."""
    return tuple(
        SOURCES.get(name).make(SourceContext(node, cluster, shell, database, metrics.keys(name)))
        for name in cluster.sources
    )
