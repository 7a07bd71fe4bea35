"""The comparison of two models on the same cases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from distdiag_core.models import model_comparison
from distdiag_tui.console.operation import Operation
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.text_dialog import TextDialog
from distdiag_tui.views import evaluation_lines

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.errors import DistdiagError
    from distdiag_core.models.model_comparison import Comparison
    from distdiag_tui.drawing.lines import Line


class ModelComparisonScreen(TextDialog):
    """The evaluations of both models side by side.

    Args:
        cases: a directory of cases; None for the dataset.
    """

    def __init__(self, names: tuple[str, str], cases: Path | None) -> None:
        super().__init__("TWO MODELS")
        self._names = names
        self._cases = cases
        self._comparison: Comparison | None = None
        self._failure = ""

    def on_mount(self) -> None:
        """Let both be judged, which takes a while, where the screen does not wait for it."""
        names, cases = self._names, self._cases
        operation = Operation["Comparison"]("compare models", self._doing, self._read, self._failed, owner=self)
        self.console.run_in_background(operation, lambda: asyncio.to_thread(model_comparison.compare, names, cases))

    def lines(self, width: int) -> list[Line]:
        """The figures of both; meanwhile what is done, or why there are none."""
        view = self.console.view
        if self._failure:
            return block(" ", self._failure, width, "bad")
        if self._comparison is None or view is None:
            return block(" ", f"{self._doing} ...", width, "muted")
        return evaluation_lines.comparison_lines(view, self._comparison, width)

    @property
    def _doing(self) -> str:
        return f"judging {self._names[0]} and {self._names[1]}"

    def _read(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self.paint()

    def _failed(self, error: DistdiagError) -> None:
        self._failure = str(error)
        self.paint()
