"""The page of the experiment of this console: its steps while it runs, and its report at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.experiment_form import ExperimentForm
from distdiag_tui.views.experiment_run import run_lines
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.experiments.experiment import ExperimentPlan
    from distdiag_tui.console.console import Console
    from distdiag_tui.screens.confirmed import Confirmed
    from distdiag_tui.views.view_state import ViewState


class ExperimentPage(Dialog[None]):
    """Closing it does not end the experiment; it is there again when it is opened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("experiment")
    """The actions of scope `experiment`, beside those of `dialog`."""

    def compose(self) -> ComposeResult:
        """The steps, and under them planned against real, or the report."""
        run = self.console.experiment.run
        with Vertical(classes="box") as box:
            box.border_title = f"EXPERIMENT {run.name}" if run is not None else "EXPERIMENT"
            yield TextPane()
            yield self.key_bar("experiment", "everywhere")

    def on_mount(self) -> None:
        """Show how far it is."""
        self.call_after_refresh(self.repaint)

    def show(self, view: ViewState) -> None:
        """Show how far it is."""
        run, pane = self.console.experiment.run, self.query_one(TextPane)
        if run is not None:
            pane.show_lines(run_lines(view, run, pane.line_width))

    def action_cancel_experiment(self) -> None:
        """Cancel it: the load is stopped, and its anomalies are cleared."""
        self.console.experiment.cancel()


def begin_experiment(console: Console, *, explained: bool = False) -> None:
    """Open the form, and when its plan is confirmed the page; where an experiment goes on, its page.

    Args:
        explained: a line about each step, for the first time.
    """
    if console.experiment.run is not None and console.experiment.run.goes_on:
        console.push_screen(ExperimentPage())
        return

    def chosen(confirmed: Confirmed[ExperimentPlan] | None) -> None:
        if confirmed is not None:
            console.experiment.start(confirmed.plan, confirmed.cluster_name)
            console.push_screen(ExperimentPage())

    console.push_screen(ExperimentForm(explained=explained), chosen)
