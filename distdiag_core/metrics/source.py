"""The interface of a source that is read at every tick, and the registry of all sources."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from distdiag_core.metrics import catalogue, connection
from distdiag_core.metrics.catalogue import MetricCatalogue
from distdiag_core.settings.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.sections import Section
    from distdiag_core.cluster.shell import Shell
    from distdiag_core.metrics.backfill_source import BackfillContext, BackfillSource
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.connection import Connection

T = TypeVar("T")

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


class Shared:
    """What the sources of all nodes of a run have in common, by its type."""

    def __init__(self) -> None:
        self._made: dict[type[Any], Any] = {}

    def get(self, kind: type[T], make: Callable[[], T]) -> T:
        """The one of that type, made when it is asked for first."""
        if kind not in self._made:
            self._made[kind] = make()
        found: T = self._made[kind]
        return found


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source is made from.

    Attributes:
        keys: the keys that the catalogue wants of this source, each once.
        shared: for a source that reads all nodes at once.
    """

    node: NodeSettings
    cluster: ClusterSettings
    shell: Shell
    database: Database
    keys: tuple[str, ...]
    shared: Shared = field(default_factory=Shared)


@dataclass(frozen=True, slots=True)
class SourceKind:
    """What every kind of source declares, as its module registers it.

    Attributes:
        name: in `sources:` of a cluster file, and the first part of the names of its metrics.
        summary: what it reads, in a few words that follow its name.
        metrics: its entries of the catalogue, beside those of `config/metrics.yaml`.
        section: of the cluster file, for settings of this kind; `context.cluster.section` has its value.
        views: of the database, which its SQL account has to be allowed to read.
        connection: what it is read by, whose state is a metric of its own; None where that is neither of the two.
        metrics_of: further metrics, which depend on the cluster file, as its readings give them.
        in_place_of: the sources some of whose metrics may be among these, since it reads them in their place.
    """

    name: str
    summary: str
    _: KW_ONLY
    metrics: tuple[Metric, ...] = ()
    section: Section | None = None
    views: tuple[str, ...] = ()
    connection: Connection | None = None
    metrics_of: Callable[[ClusterSettings], tuple[Metric, ...]] | None = None
    in_place_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SampledKind(SourceKind):
    """A source of one node that is read at every tick.

    Attributes:
        make: the source of one node; nothing is asked yet.
    """

    make: Callable[[SourceContext], Source]


@dataclass(frozen=True, slots=True)
class BackfillKind(SourceKind):
    """A source whose figures are of the past: it is read now and then, and no tick has them.

    Attributes:
        make: the source of all nodes; nothing is asked yet.
        by_hand: the verb that reads it once.
    """

    make: Callable[[BackfillContext], BackfillSource]
    by_hand: str


SOURCES: Registry[SampledKind | BackfillKind] = Registry(
    "source", package="distdiag_core.metrics.sources", module="source", group="distdiag.metrics_sources"
)


def metrics_of(sources: Iterable[str], cluster: ClusterSettings | None = None) -> MetricCatalogue:
    """The metrics of these sources, of their connections and of workloads, the shipped ones first.

    Args:
        cluster: for the metrics that depend on its file; without it those are left out.

    Raises:
        ConfigError: no source has one of these names, or its metrics are wrong.
    """
    kinds = [SOURCES.get(name) for name in sources]
    watched = set(connections_of(sources).values())
    of_cluster = [metric for kind in kinds for metric in _of_cluster(kind, cluster)]
    own = [metric for metric in of_cluster if metric.source in {kind.name for kind in kinds if kind.metrics_of}]
    known = catalogue.load(extra=[*(metric for kind in kinds for metric in kind.metrics), *own])
    of_sources = known.of((*sources, connection.SOURCE, WORKLOAD)).names
    unwatched = {metric.name for metric in known.of((connection.SOURCE,)).metrics if metric.key not in watched}
    # A source that is read by no connection may tell of one all the same.
    wanted = {*of_sources} - unwatched | {metric.name for metric in of_cluster}
    return MetricCatalogue(tuple(each for each in known.metrics if each.name in wanted))


def read_by(metrics: MetricCatalogue, cluster: ClusterSettings) -> dict[str, tuple[Metric, ...]]:
    """Which source reads which metrics at every tick, as it gives them; of two that have one, the first of the file.

    Raises:
        ConfigError: no source has one of the names in the cluster file.
    """
    found: dict[str, tuple[Metric, ...]] = {}
    taken: set[str] = set()
    for name in (*_sampled(cluster.sources), WORKLOAD):
        own = {metric.name: metric for metric in metrics.metrics if metric.source == name}
        if name != WORKLOAD:
            own |= {metric.name: metric for metric in _of_cluster(SOURCES.get(name), cluster)}
        found[name] = tuple(own[each] for each in metrics.names if each in own and each not in taken)
        taken |= own.keys()
    return found


def with_replaced(sources: Iterable[str]) -> frozenset[str]:
    """These sources, and those in whose place they read; a source that is not known stands for itself alone."""
    known = SOURCES.names()
    named = tuple(sources)
    return frozenset(named).union(*(SOURCES.get(name).in_place_of for name in named if name in known))


def backfills_of(sources: Iterable[str]) -> dict[str, BackfillKind]:
    """Those of these sources whose figures are of the past, by their names.

    Raises:
        ConfigError: no source has one of these names.
    """
    return {name: kind for name in sources if isinstance(kind := SOURCES.get(name), BackfillKind)}


def _sampled(sources: Iterable[str]) -> dict[str, SampledKind]:
    return {name: kind for name in sources if isinstance(kind := SOURCES.get(name), SampledKind)}


def _of_cluster(kind: SourceKind, cluster: ClusterSettings | None) -> tuple[Metric, ...]:
    return kind.metrics_of(cluster) if kind.metrics_of is not None and cluster is not None else ()


def connections_of(sources: Iterable[str]) -> dict[str, Connection]:
    """What these sources are read by, by their names; without those that are read by neither connection.

    Raises:
        ConfigError: no source has one of these names.
    """
    kinds = (SOURCES.get(name) for name in sources)
    return {kind.name: kind.connection for kind in kinds if kind.connection is not None}


def sources_of(
    node: NodeSettings,
    cluster: ClusterSettings,
    metrics: MetricCatalogue,
    shell: Shell,
    database: Database,
    shared: Shared | None = None,
    among: Container[str] | None = None,
) -> tuple[Source, ...]:
    """The sources of `node` that are read at every tick, in the order of the cluster file; or those `among` names.

    Args:
        shared: that of all nodes of the run.
    """
    common = shared or Shared()
    read = read_by(metrics, cluster)
    return tuple(
        kind.make(SourceContext(node, cluster, shell, database, catalogue.keys_of(read[name]), common))
        for name, kind in _sampled(cluster.sources).items()
        if among is None or name in among
    )
