"""The comparison of two models on the same cases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_core.models import model_comparison
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views import evaluation_lines
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from distdiag_core.models.model_comparison import Comparison
    from distdiag_tui.drawing.lines import Tone


class ModelComparisonScreen(Dialog[None]):
    """The evaluations of both models side by side.

    Args:
        cases: a directory of cases; None for the dataset.
    """

    def __init__(self, names: tuple[str, str], cases: Path | None) -> None:
        super().__init__()
        self._names = names
        self._cases = cases

    def compose(self) -> ComposeResult:
        """The comparison as one text that scrolls."""
        with Vertical(classes="box") as box:
            box.border_title = "TWO MODELS"
            yield TextPane()
            yield self.key_bar()

    def on_mount(self) -> None:
        """Let both be judged, which takes a while, where the screen does not wait for it."""
        names, cases = self._names, self._cases

        self._say(f"judging {names[0]} and {names[1]} ...", "muted")
        operation = Operation["Comparison"](
            "compare models",
            f"judging {names[0]} and {names[1]}",
            self._read,
            lambda error: self._say(str(error), "bad"),
            owner=self,
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(model_comparison.compare, names, cases))

    def _read(self, comparison: Comparison) -> None:
        view, pane = self.console.view, self.query_one(TextPane)
        if view is not None:
            pane.show_lines(evaluation_lines.comparison_lines(view, comparison, pane.line_width))

    def _say(self, text: str, tone: Tone) -> None:
        pane = self.query_one(TextPane)
        pane.show_lines(block(" ", text, pane.line_width, tone))
