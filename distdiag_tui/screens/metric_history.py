"""A metric over hours and days, from the recordings of the cluster."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from distdiag_tui.actions.registry import bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.theme import inks_of
from distdiag_tui.operations.incident_records import recording_path
from distdiag_tui.screens.metric import MetricScreen
from distdiag_tui.screens.page import Page
from distdiag_tui.views import metric_history
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.errors import DistdiagError
    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_core.recording.metric_history import MetricHistory
    from distdiag_tui.views.view_state import ViewState


_NOT_RECORDED = " nothing is recorded, so that there is nothing older than what the main screen shows"
_SHORTEST_S = 60.0


class MetricHistoryScreen(Page):
    """The chart is read anew when as much time has passed as one of its columns holds.

    Args:
        continues: the chart of the last minutes is what comes below the shortest span, and is returned to.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("history")
    """The actions of scope `history`, beside those of `dialog`."""

    def __init__(self, metric: Metric, node: str, *, continues: bool = False) -> None:
        super().__init__("", "history")
        self._continues = continues
        self._marks: tuple[AnomalyMark, ...] = ()
        self._metric, self._node, self._span = metric, node, 0
        self._history: MetricHistory | None = None
        # What was asked for before another span or metric was chosen is not shown.
        self._asked = 0
        self._reading = False

    def body(self) -> ComposeResult:
        """The chart."""
        yield TextPane()

    def on_mount(self) -> None:
        """Read where the screen does not wait for it."""
        self.call_after_refresh(self._read)

    def on_unmount(self) -> None:
        """Nothing more is read."""
        self._asked += 1

    def show(self, view: ViewState) -> None:
        """Paint what was read."""
        start_s, end_s = self._between(view)
        self.place = f"history > {self._metric.label} > {metric_history.span_name(self._span, end_s - start_s)}"
        super().show(view)
        history, pane = self._history, self.query_one(TextPane)
        if not pane.line_width:
            return
        if history is None:
            reads = recording_path(self.console) is not None
            pane.show_lines([((" reading the recordings ..." if reads else _NOT_RECORDED, "muted"),)])
            return
        size = pane.line_width, pane.size.height
        inks = inks_of(self.app.current_theme)
        shown = metric_history.lines(history, self._metric, self._node, inks, view.glyphs, size, self._marks)
        pane.show_lines(shown)
        now_s = view.wall_s(view.snapshot.frame.time_s)
        is_old = not 0 <= now_s - history.extremes.end_s < max(1.0, history.extremes.column_s)
        if is_old and not self._reading:
            self._read(keep=True)

    def action_span(self, by: int) -> None:
        """A longer or shorter span."""
        if self._continues and self._span + by < 0:
            self.dismiss(None)
            return
        self._span = min(max(self._span + by, 0), len(metric_history.SPANS_S) - 1)
        self._read()

    def action_turn(self, by: int) -> None:
        """Another node lies on top."""
        if (view := self.console.view) is not None:
            nodes = [status.node for status in view.snapshot.nodes]
            at = nodes.index(self._node) + by if self._node in nodes else 0
            self._node = nodes[at % len(nodes)]
            self.repaint()

    def action_metric(self) -> None:
        """Choose another metric."""

        def chosen(metric: Metric | None) -> None:
            if metric is not None:
                self._metric = metric
                self._read()

        self.console.push_screen(MetricScreen(), chosen)

    def _read(self, *, keep: bool = False) -> None:
        """Read the chosen metric; until it is there, `keep` shows what was read before."""
        path, view = recording_path(self.console), self.console.view
        if path is None or view is None:
            self.repaint()
            return
        self._asked += 1
        self._reading = True
        if not keep:
            self._history = None
        width = metric_history.columns(view.glyphs, self.query_one(TextPane).line_width)
        span_s = self._between(view)
        nodes = tuple(status.node for status in view.snapshot.nodes)
        replayed = view.snapshot.replay is not None and not self.console.looks_back
        about = None if replayed else view.snapshot.cluster.name
        work = partial(self._read_all, self._asked, path, about, nodes, span_s, width, keep=keep)
        operation = Operation["MetricHistory"](
            "metric history",
            "reading the recordings",
            partial(self._found, self._asked),
            self._not_found,
            while_running="beside",
            owner=self,
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(work))
        if not keep:
            self.repaint()

    def _between(self, view: ViewState) -> tuple[float, float]:
        """From and to, by the wall clock; a replay has nothing before its first tick."""
        replay, end_s = view.snapshot.replay, view.wall_s(view.snapshot.frame.time_s)
        start_s = end_s - metric_history.SPANS_S[self._span]
        if replay is not None and not self.console.looks_back:
            start_s = max(start_s, min(view.wall_s(replay.start_s), end_s - _SHORTEST_S))
        return start_s, end_s

    def _read_all(
        self,
        asked: int,
        path: Path,
        cluster: str | None,
        nodes: tuple[str, ...],
        span_s: tuple[float, float],
        width: int,
        *,
        keep: bool,
    ) -> MetricHistory:
        """In a thread; of a replay only the recording that is replayed."""
        from distdiag_core.recording import metric_history as reading
        from distdiag_core.replay import recorded_marks

        def tell(history: MetricHistory) -> bool:
            if asked == self._asked and not keep:
                self.console.call_later(self._found, asked, history)
            return asked == self._asked

        paths = (path,) if cluster is None else reading.recordings_of(cluster, path)
        self.console.call_later(self._marked, asked, recorded_marks.read(paths, span_s))
        return reading.read(paths, self._metric.name, nodes, span_s, width, tell)

    def _marked(self, asked: int, marks: tuple[AnomalyMark, ...]) -> None:
        if asked == self._asked and self.is_mounted:
            self._marks = marks
            self.repaint()

    def _found(self, asked: int, history: MetricHistory) -> None:
        if asked == self._asked and self.is_mounted:
            self._history, self._reading = history, history.done < 1
            self.repaint()

    def _not_found(self, error: DistdiagError) -> None:
        self._reading = False
        self.console.report(str(error), "error")
