"""The dialog that chooses the metric of the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.widgets import Input

from distdiag_core.metrics.catalogue import Metric
from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.format import figure
from distdiag_tui.drawing.lines import Line, fit
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.runtime.snapshot import Snapshot

# So many nodes have room for their newest figures.
_NODES_SHOWN = 3
# Narrower, the full names have no room; they can be typed all the same.
_WIDE = 100


class MetricScreen(Dialog[Metric]):
    """Returns the metric; typing filters, by label, name and category, while the arrows move in the list."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    """The actions of scope `filter`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Metric] = []

    def compose(self) -> ComposeResult:
        """An input that filters, over the list of metrics."""
        with Vertical(classes="box") as box:
            box.border_title = "CHOOSE A METRIC"
            yield Input(placeholder="type to filter, for instance: io delay", compact=True)
            yield ListView()
            yield self.key_bar("filter")

    def on_mount(self) -> None:
        """List the whole catalogue until something is typed, once its width is known."""
        self.query_one(Input).focus()
        self.call_after_refresh(self._fill, "")

    def action_list(self, action: str, by: int) -> None:
        """Move in the list without leaving the filter."""
        list_view = self.query_one(ListView)
        {"move": list_view.action_move, "page": list_view.action_page}[action](by)

    def action_close(self) -> None:
        """Take away what is typed, else leave."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            super().action_close()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(Input.Submitted)
    @on(ListView.Chosen)
    def _take(self) -> None:
        cursor = self.query_one(ListView).cursor
        if cursor < len(self._found):
            self.dismiss(self._found[cursor])

    def _fill(self, wanted: str) -> None:
        view, list_view = self.console.view, self.query_one(ListView)
        self._found = matching(self.console.runtime.catalogue.metrics, wanted)
        snapshot = view.snapshot if view else None
        list_view.cursor = 0
        list_view.show_lines(
            [_entry(metric, snapshot, list_view.line_width) for metric in self._found]
            or [((" no metric has all of these words", "muted"),)],
            header=_header(snapshot, list_view.line_width),
        )


def matching(metrics: tuple[Metric, ...], wanted: str) -> list[Metric]:
    """The metrics that hold every word of `wanted` in label, name or category; by category."""
    words = wanted.lower().split()
    categories = list(dict.fromkeys(metric.category for metric in metrics))
    found = (
        metric
        for metric in metrics
        if all(word in f"{metric.label} {metric.name} {metric.category}".lower() for word in words)
    )
    return sorted(found, key=lambda metric: categories.index(metric.category))


def _header(snapshot: Snapshot | None, width: int) -> Line:
    nodes = "".join(f" {fit(node, 8, 'right')}" for node in _nodes(snapshot))
    return ((f" {'category':<13}{'metric':<34}{nodes}{'   name' if width >= _WIDE else ''}", "muted"),)


def _entry(metric: Metric, snapshot: Snapshot | None, width: int) -> Line:
    nodes = _nodes(snapshot)
    values = [snapshot.frame.value(node, metric.name) for node in nodes] if snapshot else []
    newest = "".join(f"{figure(value, metric.unit):>9}" for value in values)
    return (
        (f" {metric.category:<13}", "muted"),
        (fit(metric.label, 34), "plain"),
        (newest, "accent"),
        (f"   {fit(metric.name, width - 78)}" if width >= _WIDE else "", "muted"),
    )


def _nodes(snapshot: Snapshot | None) -> tuple[str, ...]:
    return snapshot.frame.nodes[:_NODES_SHOWN] if snapshot else ()
