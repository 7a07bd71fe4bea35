"""The handler that opens the first experiment, with its steps explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.experiment_page import begin_experiment

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console


def open_first_experiment(console: Console) -> None:
    """Open the form with defaults of low risk and a line about each step."""
    begin_experiment(console, explained=True)
