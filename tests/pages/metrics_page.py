"""The page of the metrics, from the catalogue and from the sources that bring metrics of their own."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from distdiag_core.metrics.source import SOURCES, metrics_of
from tests.pages.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.metrics.catalogue import Metric

_INTRODUCTION = """\
# Metrics

Every metric that distdiag knows, made from `config/metrics.yaml` and the sources by `make reference`: change those, not
this page. The names stand in frames, recordings, cases, exports and filters. A *counter* is shown and recorded as its
growth per second, a *gauge* as it is; a database whose own count of sessions has drifted below zero is shown with none.
A figure that a node does not have is unknown there, and costs no other. Which sources are read is said by `sources` of
the cluster file ([configuration.md](configuration.md)); [prometheus.md](prometheus.md) says which of them Prometheus
can give, and under which names distdiag serves them.
"""
_OTHERS = {
    "workload": "what the clients of a benchmark measure, while they run",
    "connection": "the states of the connections by which nodes are watched;"
    " [diagnosis.md](diagnosis.md#node-down-and-node-hang) has the values",
}


def page() -> str:
    """The whole page."""
    metrics = sorted(metrics_of(SOURCES.names()).metrics, key=lambda metric: metric.source)
    return "\n".join([_INTRODUCTION, *(_section(name, tuple(of)) for name, of in groupby(metrics, _source))])


def _source(metric: Metric) -> str:
    return metric.source


def _section(source: str, metrics: tuple[Metric, ...]) -> str:
    about = _OTHERS.get(source) or SOURCES.get(source).summary
    return f"## {source}\n\n{about[:1].upper()}{about[1:]}: {len(metrics)} metrics.\n\n{table(_HEADER, _rows(metrics))}"


_HEADER = ("metric", "on screen", "unit", "kind", "category", "read as")


def _rows(metrics: tuple[Metric, ...]) -> Iterator[tuple[str, ...]]:
    for each in metrics:
        read = f"`{each.key}`" + (f" per `{each.per}`" if each.per else "")
        yield f"`{each.name}`", each.label, each.unit, each.kind, each.category, read
