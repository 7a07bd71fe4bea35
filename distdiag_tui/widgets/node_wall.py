"""The node wall: every node with its state and its main metrics, in one widget."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.reactive import reactive

from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import BLANK, Line
from distdiag_tui.views.arrangement import Arrangement, marked
from distdiag_tui.views.node_fields import node_fields
from distdiag_tui.views.node_wall import Column, Wall, columns, has_workload
from distdiag_tui.views.view_state import Mark, ViewState, mark
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.metrics.catalogue import Metric

# With more rows in sight than this, quiet rows take turns, so that a slow line is not flooded.
_ROWS_A_TICK = 14


class NodeWall(ListView):
    """The wall: one row of figures and sparklines per node.

    Rows whose condition changed are painted at once; with many nodes, the quiet ones take turns.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("wall")
    """The actions of scope `wall` in the registry, beside those of `list`."""

    DEFAULT_CSS = """
    NodeWall { height: auto; }
    """

    column: reactive[int] = reactive(0)
    """The metric under the cursor, as a position in the columns."""

    marked: reactive[frozenset[str]] = reactive(frozenset[str]())
    """The nodes that the operator has marked."""

    @dataclass
    class MetricPicked(Message):
        """Another column was picked."""

        metric: Metric
        column: int

    def __init__(self) -> None:
        super().__init__(classes="panel")
        self.entitle("NODES")
        self._scene: ViewState | None = None
        self._arranged: Arrangement[NodeStatus] = Arrangement((), 0)
        self._columns: tuple[Column, ...] = ()
        self._rows: list[Line] = []
        self._marks: list[Mark] = []

    @property
    def node(self) -> str:
        """The node under the cursor; empty before the first tick."""
        nodes = self._shown
        return nodes[self.cursor].node if self.cursor < len(nodes) else ""

    @property
    def heading(self) -> str:
        """The heading of the column under the cursor; empty before the first tick."""
        return self._columns[self.column].heading if self._columns else ""

    def show(self, view: ViewState, arrangement: Arrangement[NodeStatus] | None = None) -> None:
        """Paint the newest tick: all nodes in their order, or these; the cursor stays on its node."""
        self._scene, node, before = view, self.node, [status.node for status in self._shown]
        self._arranged = arrangement or Arrangement(view.snapshot.nodes, len(view.snapshot.nodes))
        now = [status.node for status in self._shown]
        if now != before:
            self._rows = []
            if node in now and before:
                self.set_reactive(ListView.cursor, now.index(node))
        shown = columns(view.snapshot.catalogue, workload=has_workload(view))
        if shown != self._columns:
            self._columns = shown
            self._pick()
        if self.line_width:
            self._paint(everything=len(self._rows) != len(now))

    def watch_column(self) -> None:
        """The heading stands out and the chart follows."""
        self._pick()
        if self._scene is not None and self.line_width:
            self._paint(everything=False)

    def watch_marked(self) -> None:
        """Marks are shown in the rows, and counted in the border."""
        if self._scene is not None and self.line_width:
            self._paint(everything=True)

    def toggle_mark(self) -> None:
        """Mark the node under the cursor, or not."""
        if self.node:
            self.marked ^= {self.node}

    def validate_column(self, column: int) -> int:
        """Keep it on the wall."""
        return min(max(0, len(self._columns) - 1), max(0, column))

    def action_column(self, by: int) -> None:
        """Left or right by metrics."""
        self.column += by

    def on_resize(self, event: events.Resize) -> None:
        """Lay the wall out for the new width."""
        if self._scene is not None:
            self._paint(everything=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Rows that come into sight are painted anew."""
        super().watch_scroll_y(old_value, new_value)
        if self._scene is not None and round(old_value) != round(new_value):
            self._paint(everything=True)

    @property
    def _shown(self) -> tuple[NodeStatus, ...]:
        return self._arranged.items

    def _pick(self) -> None:
        if self._columns:
            self.post_message(self.MetricPicked(self._columns[self.column].metric, self.column))

    def _paint(self, *, everything: bool) -> None:
        view = self._scene
        if view is None:
            return
        nodes = self._shown
        marks = [mark(view, status) for status in nodes]
        if len(self._rows) != len(nodes):
            self._rows, self._marks = [BLANK] * len(nodes), marks
        wall = Wall(view, self._columns, self.line_width, plain=len(nodes) > _ROWS_A_TICK, marked=self.marked)
        due = self._due(marks, everything=everything)
        places = {status.node: place for place, status in enumerate(view.snapshot.nodes)}
        rows = wall.rows([places[nodes[index].node] for index in due])
        for index, (_, row) in zip(due, rows, strict=True):
            self._rows[index] = row
        self._marks = marks
        header = marked(wall.header(self.column), node_fields(view), self._arranged.order, view.glyphs)
        self.show_lines(self._rows or [((" no node fits", "muted"),)], header=header)
        marks_said = f"{len(self.marked)} marked" if self.marked else ""
        words = filter(None, ["NODES", self._arranged.words(view.glyphs), marks_said])
        self.entitle(f" {view.glyphs.dot} ".join(words))

    def _due(self, marks: list[Mark], *, everything: bool) -> list[int]:
        """The rows in sight that are painted in this tick."""
        top = round(self.scroll_y)
        # Before the first layout the height is not known yet.
        rows = self._rows_in_sight if self.size.height > 1 else len(marks)
        sight = range(top, min(len(marks), top + rows))
        turns = ceil(len(sight) / _ROWS_A_TICK)
        tick = self._scene.snapshot.tick if self._scene else 0
        return [
            index
            for index in sight
            if everything
            or self._rows[index] == BLANK
            or marks[index] != self._marks[index]
            or index == self.cursor
            or (index + tick) % max(1, turns) == 0
        ]
