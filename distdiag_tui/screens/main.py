"""The main screen: the nodes, one metric in detail, the root causes, and what is being done to the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from distdiag_tui.actions.registry import BY_ID, key_label
from distdiag_tui.screens.root_cause import RootCauseScreen
from distdiag_tui.views import collecting, panels, workloads
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.root_causes import RootCauses

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.console import Console
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class MainScreen(Screen[None]):
    """The main screen: node wall, chart, root causes, injections, workloads and events."""

    def compose(self) -> ComposeResult:
        """The wall, the chart and the causes on the left; the smaller panels on the right, or below."""
        console = cast("Console", self.app)
        yield Panel(lambda view, width: [panels.title(view, width)], id="title")
        key = key_label(console.keys.get("events", BY_ID["events"].keys), first=True)
        yield Panel(lambda view, width: panels.alarm_lines(view, width, key), id="alarm")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield NodeWall()
                yield Panel(self._node_line, id="node")
                yield DetailChart()
                yield RootCauses()
                yield Panel(collecting.one_line, id="dataset-line")
            with Vertical(id="side"):
                yield Panel(panels.anomaly_lines, title="ANOMALIES", id="anomalies", classes="panel")
                yield Panel(workloads.panel_lines, title="WORKLOAD", id="workload", classes="panel")
                yield Panel(collecting.panel_lines, title="DATASET", id="dataset", classes="panel")
                yield Panel(panels.data_lines, title="MODEL", id="data", classes="panel")
                yield Panel(panels.event_lines, title="EVENTS", id="events", classes="panel")
        yield KeyBar("main", "everywhere", keys=console.keys, refused=console.refused)

    def on_mount(self) -> None:
        """Say that the first tick has not arrived yet."""
        self.query_one("#title", Panel).show_lines([((" distdiag ", "accent"), (" connecting ...", "muted"))])
        self.query_one(NodeWall).focus()
        view = cast("Console", self.app).view
        if view is not None:
            self.show(view)
            self.repaint_keys()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick, all in one frame."""
        with self.app.batch_update():
            self.query_one(NodeWall).show(view)
            self.query_one(DetailChart).show(view)
            self.query_one(RootCauses).show(view)
            for panel in self.query(Panel):
                panel.show(view)

    def passed(self, view: ViewState) -> None:
        """A second passed without a new tick: what counts time goes on."""
        # Whichever are there: while the console ends, the clock may tick on a screen that is already being taken down.
        for panel in self.query("#title, #alarm, #node, #anomalies, #workload").results(Panel):
            panel.show(view)

    def repaint_keys(self) -> None:
        """Paint the key bar anew, once it is known which actions the cluster allows."""
        self.query_one(KeyBar).repaint()

    def pick_metric(self, metric: Metric) -> None:
        """Show a metric in the chart, whether the wall has it or not."""
        self.query_one(DetailChart).metric = metric

    def change_span(self, by: int) -> int:
        """Show more or less of the past; returns how many seconds."""
        chart = self.query_one(DetailChart)
        chart.span += by
        return SPANS_S[chart.span]

    @on(NodeWall.MetricPicked)
    def _metric_picked(self, event: NodeWall.MetricPicked) -> None:
        self.pick_metric(event.metric)

    @on(ListView.Moved, "NodeWall")
    def _node_selected(self) -> None:
        wall = self.query_one(NodeWall)
        self.query_one(DetailChart).node = wall.node
        view = cast("Console", self.app).view
        if view is not None:
            self.query_one("#node", Panel).show(view)

    @on(ListView.Chosen, "RootCauses")
    def _cause_chosen(self, event: ListView.Chosen) -> None:
        cause = self.query_one(RootCauses).at(event.index)
        if cause is not None:
            self.app.push_screen(RootCauseScreen(cause))

    @on(ListView.Chosen, "NodeWall")
    def _node_chosen(self) -> None:
        view = cast("Console", self.app).view
        causes = view.causes(self.query_one(NodeWall).node) if view else ()
        if causes:
            self.app.push_screen(RootCauseScreen(causes[0]))

    def _node_line(self, view: ViewState, width: int) -> list[Line]:
        return [panels.node_line(view, self.query_one(NodeWall).node, width)]
