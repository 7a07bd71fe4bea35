"""The reader that all nodes of a cluster share: one query a metric, for all of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, quoted
from distdiag_core.metrics import clock
from distdiag_core.metrics.source import Reading
from distdiag_core.metrics.sources.prometheus.client import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.metrics.sources.prometheus.client import PrometheusClient, Series
    from distdiag_core.metrics.sources.prometheus.prometheus_settings import PrometheusSettings
    from distdiag_core.metrics.sources.prometheus.query_files import Queries, Query

# So many ticks in a row without a new sample are no jitter: figures stand still between scrapes.
_STILL_TICKS = 2


@dataclass(slots=True)
class NodeFigures:
    """What is known of one node.

    Attributes:
        sampled_s: when its newest sample was taken, by the clock of Prometheus; None where there is none.
        still: readings in a row that found no newer sample.
        scraped_every_s: the time between two samples, where figures stand still between; None where they do not.
        doubled: two values of the label that both name it.
    """

    values: dict[str, float] = field(default_factory=dict)
    sampled_s: float | None = None
    still: int = 0
    scraped_every_s: float | None = None
    doubled: tuple[str, str] | None = None


class ClusterReader:
    """Reads all nodes at once, as often as the first of them asks.

    Nothing but the times of the samples is asked for while there is no newer one, so that a scrape interval of many
    ticks costs one small query a tick.

    Args:
        interval_s: the time between two ticks.
    """

    def __init__(
        self,
        settings: PrometheusSettings,
        nodes: Sequence[NodeSettings],
        queries: Queries,
        client: PrometheusClient,
        interval_s: float,
        *,
        now_s: Callable[[], float] = lambda: clock.now_s() + clock.offset_s(),
    ) -> None:
        self._settings = settings
        self._queries = queries
        self._client = client
        self._interval_s = interval_s
        self._now_s = now_s
        self._nodes = NodeLabels(nodes, settings.instance)
        self._figures = {node.name: NodeFigures() for node in nodes}
        self._refused: dict[str, str] = {}
        self._fetching: asyncio.Task[None] | None = None
        self._fetched_s = float("-inf")
        self.users = 0

    async def read(self, node: str) -> Reading:
        """The newest figures of one node.

        Raises:
            UnreachableError: Prometheus does not answer.
            DataError: it does not answer as it should, or has no sample of the node that is new enough.
        """
        await self._fetch()
        figures = self._figures[node]
        if figures.sampled_s is None:
            raise DataError("it has no samples of this node", where=self._client.where, hint=self._nodes.hint(node))
        age_s = self._now_s() - figures.sampled_s
        if age_s > self._settings.max_age_s:
            hint = "does it reach its exporter? its expression `up` tells"
            raise DataError(f"the newest sample is {age_s:.0f} s old", where=self._client.where, hint=hint)
        return Reading(figures.sampled_s, figures.values, tuple(self._notes(figures)))

    async def close(self) -> None:
        """Let go of the connections, with the last node that does."""
        self.users -= 1
        if self.users <= 0:
            if self._fetching is not None:
                self._fetching.cancel()
            await self._client.close()

    def _notes(self, figures: NodeFigures) -> Iterable[str]:
        every_s = figures.scraped_every_s
        if every_s is not None:
            yield (
                f"Prometheus samples this node every {every_s:.0f} s, and figures stand still between: "
                f"set interval_s, which is {self._interval_s:g}, to {every_s:.0f}"
            )
        if figures.doubled is not None:
            both = " and ".join(map(quoted, figures.doubled))
            yield f"{both} are both this node for Prometheus; set prometheus.match or prometheus.instance"
        yield from self._refused.values()

    async def _fetch(self) -> None:
        """Wait for the figures of this tick, whoever asked first."""
        now_s = asyncio.get_running_loop().time()
        if self._fetching is None and now_s - self._fetched_s < self._interval_s / 2:
            return
        if self._fetching is None:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch_all())
        task = self._fetching
        try:
            # One node that gives up does not take it from the others.
            await asyncio.shield(task)
        finally:
            if task.done() and self._fetching is task:
                self._fetching = None
                self._fetched_s = now_s

    async def _fetch_all(self) -> None:
        sampled: dict[str, float] = {}
        for query, series in zip(self._queries.sampled, await self._ask(self._queries.sampled), strict=True):
            for node, time_s in self._by_node(query, series).items():
                sampled[node] = max(time_s, sampled.get(node, time_s))
        if all(figures.sampled_s == sampled.get(node) for node, figures in self._figures.items()):
            for figures in self._figures.values():
                figures.still += 1
            return
        values: dict[str, dict[str, float]] = {node: {} for node in sampled}
        for query, series in zip(self._queries.metrics, await self._ask(self._queries.metrics), strict=True):
            for node, value in self._by_node(query, series).items():
                # A rate may still look back at a node that is gone.
                if node in values:
                    values[node][query.metric] = value
        for node, figures in self._figures.items():
            self._renew(figures, sampled.get(node), values.get(node, {}))

    @staticmethod
    def _renew(figures: NodeFigures, sampled_s: float | None, values: dict[str, float]) -> None:
        before_s = figures.sampled_s
        if sampled_s is not None and sampled_s == before_s:
            figures.still += 1
            return
        if sampled_s is not None and before_s is not None:
            figures.scraped_every_s = sampled_s - before_s if figures.still >= _STILL_TICKS else None
        figures.values, figures.sampled_s, figures.still = values, sampled_s, 0

    async def _ask(self, queries: Sequence[Query]) -> list[list[Series]]:
        """The series of each query; none of one that is refused, which is noted."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._series(query)) for query in queries]
        except ExceptionGroup as failed:
            # All of them are about the same server.
            raise failed.exceptions[0] from failed
        return [task.result() for task in tasks]

    async def _series(self, query: Query) -> list[Series]:
        try:
            series = await self._client.query(query.text)
        except QueryRefusedError as error:
            name = query.metric or "sampled"
            self._refused[name] = f"the query {name} of prometheus/{query.file}.yaml is refused: {error.what}"
            return []
        self._refused.pop(query.metric or "sampled", None)
        return series

    def _by_node(self, query: Query, series: Iterable[Series]) -> dict[str, float]:
        found: dict[str, float] = {}
        labels: dict[str, str] = {}
        for each in series:
            label = each.labels.get(query.label, "")
            node = self._nodes.node(label)
            if node is None:
                continue
            if node in found and label != labels[node]:
                self._figures[node].doubled = (labels[node], label)
                continue
            found[node], labels[node] = each.value, label
        return found


class NodeLabels:
    """Nodes by the values of the label that names them."""

    def __init__(self, nodes: Sequence[NodeSettings], pattern: str | None) -> None:
        self._pattern = pattern
        self._by_value: dict[str, str] = {}
        self._wanted: dict[str, str] = {}
        for node in nodes:
            if pattern is not None:
                self._wanted[node.name] = value = pattern.format(host=node.host, name=node.name, zone=node.zone)
                self._by_value[value] = node.name
            else:
                self._wanted[node.name] = node.host
                self._by_value.setdefault(node.host, node.name)
        for node in nodes if pattern is None else ():
            self._by_value.setdefault(node.name, node.name)

    def node(self, value: str) -> str | None:
        """The node that a value names; None for none of ours."""
        found = self._by_value.get(value)
        if found is None and self._pattern is None:
            return self._by_value.get(value.rpartition(":")[0].removeprefix("[").removesuffix("]"))
        return found

    def hint(self, node: str) -> str:
        """What may be wrong where nothing names a node."""
        port = "" if self._pattern is not None else ", with any port"
        wanted = f"{quoted(self._wanted[node])}{port}"
        return f"no label has the value {wanted}; see prometheus.instance and prometheus.match"
