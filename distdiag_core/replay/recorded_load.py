"""What the clients of the benchmarks measured at a tick of a recording."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.workloads.control.workload_source import figures_from
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures, WorkloadStatus

_SOURCE = "workload"
_WORKING = (WorkloadState.RUNNING, WorkloadState.STOPPING)


def with_figures(
    statuses: Sequence[WorkloadStatus], frame: Frame, catalogue: MetricCatalogue
) -> tuple[WorkloadStatus, ...]:
    """The benchmarks with the figures of their nodes.

    What several measured on one node is recorded as one, of which no share is known: there they have no figures.
    """
    columns = [(at, metric.key) for at, metric in enumerate(catalogue.metrics) if metric.source == _SOURCE]
    busy = Counter(node for each in statuses if each.state in _WORKING for node in each.request.nodes)

    def measured(request: WorkloadRequest, node: str) -> WorkloadFigures | None:
        if node not in frame.nodes or busy[node] > 1:
            return None
        row = frame.values[frame.nodes.index(node)]
        return figures_from({key: float(row[at]) for at, key in columns}, request.kind, request.threads)

    def with_its_figures(status: WorkloadStatus) -> WorkloadStatus:
        found = ((node, measured(status.request, node)) for node in status.request.nodes)
        return replace(status, figures={node: figures for node, figures in found if figures is not None})

    return tuple(with_its_figures(each) if each.state in _WORKING else each for each in statuses)
