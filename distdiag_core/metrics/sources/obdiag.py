"""Source `obdiag`: the history that tsar has kept on the nodes, collected by `obdiag gather sysstat`.

Its figures are minutes old at best, so that none of them is of a tick; they become the backfill of the recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.metrics import catalogue
from distdiag_core.metrics.backfill_source import HistoryRow, NodeHistory
from distdiag_core.metrics.source import SOURCES, BackfillKind
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_core.obdiag.tsar_figures import METRICS, disk_of, figures_of

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.backfill_source import BackfillContext
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.obdiag.sysstat_archive import SysstatHistory


class ObdiagSource:
    """The history of tsar on all nodes of a cluster."""

    name = "obdiag"

    def __init__(self, context: BackfillContext) -> None:
        self._cluster = context.cluster
        self._obdiag = context.obdiag
        self.every_s = context.cluster.section(ObdiagSettings).every_s

    async def read(self) -> tuple[NodeHistory, ...]:
        """Run obdiag once; see `Obdiag.gather_sysstat`."""
        return tuple(self._history(each) for each in await self._obdiag.gather_sysstat(scheduled=True))

    def _history(self, history: SysstatHistory) -> NodeHistory:
        disk, notes = disk_of(history.rows, self._cluster.node(history.node).device), history.notes
        if history.rows and disk is None:
            notes = (*notes, "which disk has the data cannot be told: set `device` of the node for its figures")
        rows = tuple(HistoryRow(row.time_s, figures_of(row.values, disk)) for row in history.rows)
        return NodeHistory(history.node, rows, history.period_s, notes)


def _metrics(_cluster: ClusterSettings) -> tuple[Metric, ...]:
    return tuple(metric for metric in catalogue.load().metrics if metric.name in METRICS)


SOURCES.register(
    BackfillKind(
        ObdiagSource.name,
        "the past hours as tsar has kept them, by obdiag, and nothing of now",
        ObdiagSource,
        by_hand="distdiag obdiag sysstat",
        metrics_of=_metrics,
        in_place_of=("host",),
    )
)
