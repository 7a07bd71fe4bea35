"""Any metric of the catalogue into the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from distdiag_core.metrics.catalogue import Metric
from distdiag_tui.figures import figure
from distdiag_tui.lines import fit
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from typing import ClassVar

    from textual.app import ComposeResult

    from distdiag_core.snapshot import Snapshot


class MetricScreen(Dialog[Metric]):
    """Returns the metric; typing filters, by label, name and category."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "into_list", "Into the list", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A filter over the list."""
        with Vertical(classes="box") as box:
            box.border_title = "CHOOSE A METRIC"
            yield Input(placeholder="type to filter, for instance: io delay", compact=True)
            yield OptionList(compact=True)
            yield KeyBar("dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """The whole catalogue."""
        self._fill("")
        self.query_one(Input).focus()

    def action_into_list(self) -> None:
        """From the filter down into the list."""
        self.query_one(OptionList).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(Input.Submitted)
    def _take_first(self) -> None:
        self.query_one(OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.console.verbs.catalogue.get(event.option_id or ""))

    def _fill(self, wanted: str) -> None:
        options, scene = self.query_one(OptionList), self.console.scene
        options.clear_options()
        found = matching(self.console.verbs.catalogue.metrics, wanted)
        for category in dict.fromkeys(metric.category for metric in found):
            options.add_option(Option(Content.styled(category, "bold"), disabled=True))
            options.add_options(
                Option(Content(_entry(metric, scene.snapshot if scene else None)), id=metric.name)
                for metric in found
                if metric.category == category
            )
        if found:
            options.highlighted = 1


def matching(metrics: tuple[Metric, ...], wanted: str) -> list[Metric]:
    """The metrics that hold every word of `wanted` in label, name or category."""
    words = wanted.lower().split()
    return [
        metric
        for metric in metrics
        if all(word in f"{metric.label} {metric.name} {metric.category}".lower() for word in words)
    ]


def _entry(metric: Metric, snapshot: Snapshot | None) -> str:
    values = [snapshot.frame.value(node, metric.name) for node in snapshot.frame.nodes[:4]] if snapshot else []
    newest = " ".join(f"{figure(value, metric.unit):>7}" for value in values)
    return f"  {fit(metric.label, 36)} {newest}  {metric.name}"
