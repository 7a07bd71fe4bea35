"""One reading of each source of metrics of a node, and which metrics stay unknown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.doctor.report import Check, Result, graded
from distdiag_core.errors import DistdiagError, TimedOutError
from distdiag_core.metrics.source import metrics_of, read_by, sources_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.metrics.source import Reading, Shared, Source


# A source answers in a fraction of a tick, or not at all.
_READING_S = 10.0


async def check_readings(node: Node, cluster: ClusterSettings, shared: Shared) -> tuple[Check, ...]:
    """A check of each source that the cluster file names; `shared` is that of all nodes."""
    catalogue = metrics_of(cluster.sources, cluster)
    read = read_by(catalogue, cluster)
    sources = sources_of(node.settings, cluster, catalogue, node.shell, node.database, shared)
    return tuple([await _check(source, read[source.name]) for source in sources])


async def _check(source: Source, metrics: Sequence[Metric]) -> Check:
    name, total = f"metrics {source.name}", len(metrics)
    try:
        reading = await _read(source)
    except DistdiagError as error:
        hint = (error.hint,) if error.hint else ()
        return Check(name, Result.FAILED, error.what, (f"all {total} metrics of the source stay unknown",), hint)
    finally:
        await source.close()
    unknown = [
        metric.name for metric in metrics if any(key not in reading.values for key in (metric.key, metric.per) if key)
    ]
    found = f"{total - len(unknown)} of {total} metrics"
    costs = (f"unknown: {', '.join(unknown)}",) if unknown else ()
    return graded(name, found, (*costs, *reading.notes))


async def _read(source: Source) -> Reading:
    try:
        async with asyncio.timeout(_READING_S):
            return await source.read()
    except TimeoutError:
        raise TimedOutError(f"no answer within {_READING_S:g} s", where=source.name) from None
