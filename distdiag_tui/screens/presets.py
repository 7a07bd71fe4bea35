"""The choice of a preset: a named combination of anomalies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from distdiag_core.anomalies import presets
from distdiag_core.anomalies.presets import InjectionPreset
from distdiag_core.errors import ConfigError
from distdiag_tui.drawing.lines import Line, block
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views.compound import part_line
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from distdiag_core.anomalies.compound import CompoundRequest
    from distdiag_tui.console.console import Console


class PresetScreen(Dialog[InjectionPreset]):
    """Returns the preset under the cursor; what it does stands below, with the nodes by number."""

    def __init__(self, known: Sequence[InjectionPreset]) -> None:
        super().__init__()
        self._presets = known

    def compose(self) -> ComposeResult:
        """The list, and under it the anomalies of the preset under the cursor."""
        with Vertical(classes="box") as box:
            box.border_title = "PRESETS"
            yield ListView()
            yield TextPane(id="detail", classes="panel")
            yield self.key_bar("list")

    def on_mount(self) -> None:
        """Show the list; it does not change."""
        lines: list[Line] = [((f" {preset.name}", "strong"),) for preset in self._presets]
        self.query_one(ListView).show_lines(lines)
        self.call_after_refresh(self._show_detail)

    @on(ListView.Moved)
    def _show_detail(self) -> None:
        view, pane = self.console.view, self.query_one(TextPane)
        preset = self._presets[self.query_one(ListView).cursor]
        if view is not None:
            numbers = [f"node {number}" for number in range(1, preset.node_count + 1)]
            parts = preset.request(("all nodes",), numbers).parts
            pane.show_lines(
                [*block(" ", preset.description, pane.line_width), *(part_line(view, each) for each in parts)]
            )

    @on(ListView.Chosen)
    def _take(self) -> None:
        self.dismiss(self._presets[self.query_one(ListView).cursor])


def choose_preset(console: Console, chosen_nodes: Sequence[str], taken: Callable[[CompoundRequest], None]) -> None:
    """Ask for a preset; `taken` is called with what it comes to.

    Args:
        chosen_nodes: those that its numbers mean; where they are too few, the next of the cluster.
    """

    def chosen(preset: InjectionPreset | None) -> None:
        if preset is None:
            return
        nodes = [node.name for node in console.runtime.cluster.nodes]
        try:
            request = preset.request(nodes, chosen_nodes)
        except ConfigError as error:
            console.report(str(error), "warning")
        else:
            taken(request)

    try:
        known = presets.load()
    except ConfigError as error:
        console.report(str(error), "error")
    else:
        console.push_screen(PresetScreen(known), chosen)
