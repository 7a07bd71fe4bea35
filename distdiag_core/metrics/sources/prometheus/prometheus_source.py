"""The registration of the source `prometheus`, and the source of one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.sections import Section
from distdiag_core.metrics.source import SOURCES, SampledKind
from distdiag_core.metrics.sources.prometheus import query_files
from distdiag_core.metrics.sources.prometheus.cluster_reader import ClusterReader
from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.source import Reading, Source, SourceContext


class PrometheusSource:
    """The part of one node of what the whole cluster's reader reads."""

    name = query_files.NAME

    def __init__(self, reader: ClusterReader, node: str) -> None:
        self._reader = reader
        self._node = node
        reader.users += 1

    async def read(self) -> Reading:
        """The newest figures; see `ClusterReader.read`."""
        return await self._reader.read(self._node)

    async def close(self) -> None:
        """Let go of the reader."""
        await self._reader.close()


def _metrics(cluster: ClusterSettings) -> tuple[Metric, ...]:
    return query_files.metrics_of(cluster.section(PrometheusSettings).queries)


def _make(context: SourceContext) -> Source:
    reader = context.shared.get(ClusterReader, lambda: _reader(context))
    return PrometheusSource(reader, context.node.name)


def _reader(context: SourceContext) -> ClusterReader:
    from distdiag_core.metrics.sources.prometheus.client import PrometheusClient

    cluster = context.cluster
    settings = cluster.section(PrometheusSettings)
    queries = query_files.queries_of(settings, cluster.watched_tenants, context.keys)
    return ClusterReader(settings, cluster.nodes, queries, PrometheusClient(settings), cluster.interval_s)


SOURCES.register(
    SampledKind(
        PrometheusSource.name,
        "a Prometheus, which has figures of all nodes",
        _make,
        metrics_of=_metrics,
        in_place_of=("host", "sysstat"),
        section=Section("prometheus", PrometheusSettings),
    )
)
