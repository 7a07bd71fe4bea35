"""A chart of what the clients of the benchmarks measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.widgets.detail_chart import DetailChart

if TYPE_CHECKING:
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.views.view_state import ViewState


class LoadChart(DetailChart):
    """One metric at a time, of those of the clients that have the unit.

    Args:
        first: the name of the metric that is shown first.
        unit: `1/s` for throughput, `ms` for latencies.
    """

    def __init__(self, title: str, first: str, unit: str) -> None:
        super().__init__(title)
        self._first = first
        self._unit = unit
        self._metrics: tuple[Metric, ...] = ()
        self._at = 0

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        if not self._metrics:
            found = view.snapshot.catalogue.metrics
            self._metrics = tuple(each for each in found if (each.source, each.unit) == ("workload", self._unit))
            self._at = next((at for at, each in enumerate(self._metrics) if each.name == self._first), 0)
            self.turn(0)
        super().show(view)

    def turn(self, by: int = 1) -> None:
        """The next of them, and round at the end."""
        if self._metrics:
            self._at = (self._at + by) % len(self._metrics)
            self.metric = self._metrics[self._at]
