"""The main screen: the nodes, their metrics, the root causes, and what is being done to the cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive

from distdiag_tui import list_orders, panel_choice
from distdiag_tui.actions.key_labels import key_label
from distdiag_tui.actions.refusal import has_place
from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.panel_choice import PanelChoice
from distdiag_tui.screens.dialog import copy
from distdiag_tui.screens.layered import LayeredScreen
from distdiag_tui.screens.sort import choose_order, keep_order
from distdiag_tui.views import collecting, panels, root_causes, workloads
from distdiag_tui.views.arrangement import words_of
from distdiag_tui.views.chart import SPANS_S
from distdiag_tui.views.node_fields import node_fields
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.filter_field import FilterField
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.root_causes import RootCauses
from distdiag_tui.widgets.small_charts import SmallCharts
from distdiag_tui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console.console import Console
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.panel_choice import PanelName
    from distdiag_tui.views.arrangement import Order
    from distdiag_tui.views.view_state import ViewState

# The name under which the order of the nodes is kept.
_WALL = "nodes"


class MainScreen(LayeredScreen[None]):
    """The main screen of a cluster: node wall, charts, root causes, timeline, injections, workloads and events."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("table", "copy")
    """The actions of scope `table`, which are about the wall, and of scope `copy` in the registry."""

    zoomed: reactive[str] = reactive("")
    """The panel that has the screen for itself: `chart`, `causes`, or none."""

    choice: reactive[PanelChoice] = reactive(PanelChoice(), init=False)
    """The panels that are shown, and the time span of the charts."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console
        self._order = list_orders.load(_WALL)

    def compose(self) -> ComposeResult:
        """The wall over everything; charts, causes and timeline below, and the smaller panels beside or under them."""
        console = self.console
        yield Panel(lambda view, width: [panels.title(view, width)], id="title")
        key, zoom_key, clusters_key = (
            key_label(console.shell.keys.get(name, BY_ID[name].keys), first=True)
            for name in ("events", "zoom", "clusters")
        )
        yield Panel(lambda view, width: panels.alarm_lines(view, width, key, clusters_key), id="alarm")
        wall = NodeWall()
        yield wall
        yield FilterField(wall, hint="for instance: zone1 cpu>80 !idle")
        yield Panel(self._node_line, id="node")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield DetailChart()
                yield SmallCharts(zoom_key)
                yield RootCauses()
                yield Timeline()
                yield Panel(collecting.one_line, id="dataset-line")
            with Vertical(id="side"):
                yield Panel(panels.anomaly_lines, title="ANOMALIES", id="anomalies", classes="panel")
                yield Panel(workloads.panel_lines, title="WORKLOAD", id="workload", classes="panel")
                yield Panel(collecting.panel_lines, title="DATASET", id="dataset", classes="panel")
                yield Panel(panels.data_lines, title="MODEL", id="data", classes="panel")
                yield Panel(panels.event_lines, title="EVENTS", id="events", classes="panel")
        yield KeyBar(
            "replay", "main", "everywhere", keys=console.shell.keys, refused=console.refused, shown=self._in_bar
        )

    def on_mount(self) -> None:
        """Say that the first tick has not arrived yet, of a cluster or of a recording."""
        self.query_one("#title", Panel).show_lines([((" distdiag ", "accent"), (" starting ...", "muted"))])
        self.query_one(NodeWall).focus()
        self.choice = panel_choice.load()
        self.query_one(DetailChart).span = _span_at(self.choice.span_s)
        view = self.console.view
        if view is not None:
            self.show(view)
            self.repaint_keys()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick, all in one frame."""
        with self.app.batch_update():
            self._show_wall(view)
            self.query_one(DetailChart).show(view)
            self.query_one(SmallCharts).show(view)
            self.query_one(RootCauses).show(view)
            self.query_one(Timeline).show(view)
            for panel in self.query(Panel):
                panel.show(view)

    def _show_wall(self, view: ViewState) -> None:
        order = self._order
        if order.field or self.query_one(FilterField).text:
            nodes = view.snapshot.nodes
            arranged = self.query_one(FilterField).choose(nodes, node_fields(view), order)
            self.query_one(NodeWall).show(view, arranged)
        else:
            self.query_one(NodeWall).show(view)
        self._follow_node()

    def action_filter(self) -> None:
        """Open the field that filters the nodes."""
        self.query_one(FilterField).open()

    def action_sort(self) -> None:
        """Ask for the column to sort the nodes by."""
        console = self.console
        if (view := console.view) is not None:
            heading = self.query_one(NodeWall).heading
            choose_order(console, _WALL, node_fields(view), self._order, self._sort, start=heading)

    def action_reverse(self) -> None:
        """Turn the order of the nodes round."""
        if self._order.field:
            self._sort(replace(self._order, descending=not self._order.descending))
            keep_order(self.console, _WALL, self._order)

    def action_copy(self) -> None:
        """Copy the root cause under the cursor where they have the focus, else the node."""
        console, causes, wall = self.console, self.query_one(RootCauses), self.query_one(NodeWall)
        view, text = console.view, ""
        cause = causes.at(causes.cursor) if causes.has_focus else None
        if view is not None and causes.has_focus:
            text = root_causes.words(view, cause) if cause is not None else causes.text.strip()
        elif view is not None and (status := view.status(wall.node)) is not None:
            text = words_of(status, node_fields(view))
        copy(console, text)

    def back(self) -> None:
        """All nodes after a filter, else all panels after a zoom, else no marks."""
        if self.query_one(FilterField).clear():
            return
        if not self.zoomed:
            self.query_one(NodeWall).marked = frozenset()
        self.zoomed = ""

    def _sort(self, order: Order) -> None:
        self._order = order
        self._repaint()

    @on(FilterField.Changed)
    def _filter(self) -> None:
        self._repaint()

    def passed(self, view: ViewState) -> None:
        """A second passed without a new tick: what counts time goes on."""
        # Whichever are there: while the console ends, the clock may tick on a screen that is already being taken down.
        for panel in self.query("#title, #alarm, #node, #anomalies, #workload").results(Panel):
            panel.show(view)

    def repaint_keys(self) -> None:
        """Paint the key bar anew, once it is known which actions the cluster allows."""
        self.query_one(KeyBar).repaint()

    def pick_metric(self, metric: Metric) -> None:
        """Show a metric in the zoomed chart, whether the wall has it or not."""
        self.query_one(DetailChart).metric = metric
        self.zoomed = "chart"

    def zoom(self) -> None:
        """Give the screen to the root causes where they have the focus, else to the chart; or take it back."""
        focused = "causes" if isinstance(self.focused, RootCauses) else "chart"
        self.zoomed = "" if self.zoomed else focused

    def watch_zoomed(self, zoomed: str) -> None:
        """Show that panel alone, below the wall."""
        for panel in ("chart", "causes"):
            self.set_class(zoomed == panel, f"-zoomed-{panel}")
        self.call_after_refresh(self._repaint)

    def toggle_panel(self, panel: PanelName) -> None:
        """Show or hide a panel."""
        self.choice = replace(self.choice, hidden=self.choice.toggled(panel))

    @property
    def ends_zoomed(self) -> bool:
        """Whether the chart is shown alone, and there is no longer one."""
        return self.zoomed == "chart" and _span_at(self.choice.span_s) == len(SPANS_S) - 1

    def change_span(self, by: int) -> None:
        """Show more or less of the past."""
        at = _span_at(self.choice.span_s) + by
        self.choice = replace(self.choice, span_s=float(SPANS_S[min(len(SPANS_S) - 1, max(0, at))]))

    def watch_choice(self, choice: PanelChoice) -> None:
        """Show what was chosen."""
        for panel in ("charts", "causes", "timeline", "side"):
            self.set_class(panel in choice.hidden, f"-without-{panel}")
        at = _span_at(choice.span_s)
        self.query_one(DetailChart).span = at
        self.query_one(SmallCharts).span = at
        self.query_one(Timeline).span = at
        self.call_after_refresh(self._repaint)

    def _repaint(self) -> None:
        view = self.console.view
        if view is not None and self.is_mounted:
            self.show(view)

    @on(NodeWall.MetricPicked)
    def _metric_picked(self, event: NodeWall.MetricPicked) -> None:
        self.query_one(DetailChart).metric = event.metric
        self.query_one(SmallCharts).column = event.column

    @on(ListView.Moved, "NodeWall")
    def _node_selected(self) -> None:
        self._follow_node()
        view = self.console.view
        if view is not None:
            self.query_one("#node", Panel).show(view)

    def _follow_node(self) -> None:
        """The charts show the node under the cursor of the wall on top."""
        node = self.query_one(NodeWall).node
        self.query_one(DetailChart).node = node
        self.query_one(SmallCharts).node = node

    @on(ListView.Chosen, "RootCauses")
    def _cause_chosen(self, event: ListView.Chosen) -> None:
        cause = self.query_one(RootCauses).at(event.index)
        if cause is not None:
            self._open_cause(cause)

    @on(ListView.Chosen, "NodeWall")
    def _node_chosen(self) -> None:
        view = self.console.view
        causes = view.causes(self.query_one(NodeWall).node) if view else ()
        if causes:
            self._open_cause(causes[0])

    def _open_cause(self, cause: RootCause) -> None:
        # Not before the first paint, which takes longer with what it imports.
        from distdiag_tui.screens.root_cause import RootCauseScreen

        self.console.push_screen(RootCauseScreen(cause))

    def _in_bar(self, action: Action) -> bool:
        """The keys of a replay take the place of those that need a cluster."""
        console = self.console
        if action.id == "look-back":
            return console.looks_back
        snapshot = console.view.snapshot if console.view is not None else None
        replays = snapshot is not None and snapshot.replay is not None
        # Whether it is a cluster or a recording that starts is not known yet.
        if snapshot is None and action.needs_cluster:
            return False
        return has_place(action, snapshot) and (replays or action.scope != "replay")

    def _node_line(self, view: ViewState, width: int) -> list[Line]:
        return [panels.node_line(view, self.query_one(NodeWall).node, width)]


def _span_at(span_s: float) -> int:
    """The position of the nearest span that there is."""
    return min(range(len(SPANS_S)), key=lambda at: abs(SPANS_S[at] - span_s))
