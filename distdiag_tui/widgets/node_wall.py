"""The node wall: every node with its state and its main metrics, in one widget."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.reactive import reactive

from distdiag_core.cluster.status import NodeStatus
from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import BLANK, Line
from distdiag_tui.views.arrangement import Arrangement, marked
from distdiag_tui.views.node_fields import node_fields
from distdiag_tui.views.node_wall import Column, Wall, columns, has_workload
from distdiag_tui.views.zones import Entry, FoldedZone, entries, name_of, worst_mark, worst_node
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from distdiag_core.metrics.catalogue import Metric
    from distdiag_tui.views.view_state import Mark, ViewState

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

    folded: reactive[frozenset[str]] = reactive(frozenset[str]())
    """The zones that share a row."""

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
        self._entries: tuple[Entry, ...] = ()
        self._columns: tuple[Column, ...] = ()
        self._rows: list[Line] = []
        self._tops: dict[str, float] = {}
        self._marks: list[Mark] = []

    @property
    def node(self) -> str:
        """The node under the cursor, of a folded zone the worst; empty before the first tick."""
        entry = self._entry
        if isinstance(entry, FoldedZone) and self._scene is not None:
            return worst_node(self._scene, entry).node
        return entry.node if isinstance(entry, NodeStatus) else ""

    @property
    def heading(self) -> str:
        """The heading of the column under the cursor; empty before the first tick."""
        return self._columns[self.column].heading if self._columns else ""

    def show(self, view: ViewState, arrangement: Arrangement[NodeStatus] | None = None) -> None:
        """Paint the newest tick: all nodes in their order, or these; the cursor stays on its node."""
        self._scene = view
        self._arranged = arrangement or Arrangement(view.snapshot.nodes, len(view.snapshot.nodes))
        self._list()
        shown = columns(view.snapshot.catalogue, workload=has_workload(view))
        if shown != self._columns:
            self._columns = shown
            self._pick()
        if self.line_width:
            self._paint(everything=len(self._rows) != len(self._entries))

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
        """Mark the node under the cursor, or not; of a folded zone all nodes."""
        entry = self._entry
        if entry is not None:
            nodes = {status.node for status in (entry.nodes if isinstance(entry, FoldedZone) else (entry,))}
            self.marked = self.marked - nodes if nodes <= self.marked else self.marked | nodes

    def action_fold(self) -> None:
        """Fold the zone of the node under the cursor, or unfold it."""
        if (entry := self._entry) is not None and entry.zone:
            self.folded ^= {entry.zone}

    def action_fold_all(self) -> None:
        """Fold all zones, or unfold them where any is folded."""
        zones = {status.zone for status in self._arranged.items if status.zone}
        self.folded = frozenset() if self.folded else frozenset(zones)

    def action_choose(self) -> None:
        """Unfold a zone; more about a node."""
        if isinstance(self._entry, FoldedZone):
            self.action_fold()
        else:
            super().action_choose()

    def watch_folded(self) -> None:
        """The cursor stays at the zone."""
        if self._scene is not None:
            self._list()
            if self.line_width:
                self._paint(everything=True)

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
    def _entry(self) -> Entry | None:
        return self._entries[self.cursor] if self.cursor < len(self._entries) else None

    def _list(self) -> None:
        """Put the rows together anew; the cursor stays on its node or zone."""
        before, held = [name_of(entry) for entry in self._entries], self._entry
        self._entries = entries(self._arranged.items, self.folded)
        now = [name_of(entry) for entry in self._entries]
        if now == before:
            return
        self._rows = []
        if held is not None:
            at = next((at for at, entry in enumerate(self._entries) if name_of(entry) == name_of(held)), None)
            of_zone = (at for at, entry in enumerate(self._entries) if held.zone and entry.zone == held.zone)
            if (place := at if at is not None else next(of_zone, None)) is not None:
                self.set_reactive(ListView.cursor, place)

    def _pick(self) -> None:
        if self._columns:
            self.post_message(self.MetricPicked(self._columns[self.column].metric, self.column))

    def _paint(self, *, everything: bool) -> None:
        view = self._scene
        if view is None:
            return
        nodes = self._entries
        marks = [worst_mark(view, entry) for entry in nodes]
        if len(self._rows) != len(nodes):
            self._rows, self._marks = [BLANK] * len(nodes), marks
        plain = len(nodes) > _ROWS_A_TICK
        wall = Wall(
            view, self._columns, self.line_width, plain=plain, marked=self.marked, folded=self.folded, tops=self._tops
        )
        self._tops = wall.tops
        due = self._due(marks, everything=everything)
        places = {status.node: place for place, status in enumerate(view.snapshot.nodes)}
        for index in due:
            entry = nodes[index]
            if isinstance(entry, FoldedZone):
                self._rows[index] = wall.zone_row(entry)
            else:
                ((_, self._rows[index]),) = wall.rows([places[entry.node]])
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
