"""The experiments that were run from this machine, with what their anomalies cost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from distdiag_core.experiments import experiment_files
from distdiag_core.experiments.experiment import ExperimentResult
from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.experiment_page import begin_experiment
from distdiag_tui.screens.pair_listing import PairListing
from distdiag_tui.screens.text_dialog import TextDialog
from distdiag_tui.views import experiments
from distdiag_tui.views.list_fields import experiment_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class ExperimentsScreen(PairListing[ExperimentResult]):
    """The newest first; two marked ones are compared, and a new one is begun."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("experiments")
    """The actions of scope `experiments`, beside those of `runs`."""

    def __init__(self) -> None:
        super().__init__("EXPERIMENTS", "runs", "experiments", reading="reading the experiments ...")
        self._found: tuple[ExperimentResult, ...] = ()
        self._ended: ExperimentResult | None = None

    def on_screen_resume(self) -> None:
        """Read the experiments, also when a screen over this one has closed."""
        self._read_all()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick, and read again once the experiment of this console has its report."""
        super().show(view)
        run = self.console.experiment.run
        if run is not None and run.result is not None and run.result is not self._ended:
            self._ended = run.result
            self._read_all()

    def _read_all(self) -> None:
        operation = Operation[tuple[ExperimentResult, ...]](
            "experiments", "reading the experiments", self._read, self._not_read, while_running="replace", owner=self
        )
        self.console.run_in_background(operation, lambda: asyncio.to_thread(experiment_files.read_all))

    def _read(self, found: tuple[ExperimentResult, ...]) -> None:
        begins = "" if self.console.refused(BY_ID["new-experiment"]) else ": n runs a benchmark and anomalies as one"
        self._found = found
        self.has_read(f"none yet{begins}")

    def _not_read(self, error: DistdiagError) -> None:
        self.has_read(str(error))

    def items(self, view: ViewState) -> tuple[ExperimentResult, ...]:
        """All of this machine, whatever the cluster."""
        return self._found

    def all(self) -> tuple[ExperimentResult, ...]:
        """The same."""
        return self._found

    def fields(self, view: ViewState) -> tuple[Field[ExperimentResult], ...]:
        """By time, name, load or cluster."""
        return experiment_fields(view)

    def key(self, item: ExperimentResult) -> Hashable:
        """Its name."""
        return item.name

    def header(self, width: int) -> Line:
        """The column headings."""
        return experiments.HEADER

    def row(self, view: ViewState, item: ExperimentResult, width: int) -> Line:
        """One experiment, and whether it is marked for a comparison."""
        return experiments.row(view, item, width, marked=self.is_marked(item))

    def detail(self, view: ViewState, item: ExperimentResult, width: int) -> list[Line]:
        """Its report."""
        return experiments.detail(item, width)

    def action_new(self) -> None:
        """Open the form of a new experiment, or the page of the one that goes on."""
        if reason := self.console.refused(BY_ID["new-experiment"]):
            self.console.report(f"no new experiment: {reason}", "warning")
        else:
            begin_experiment(self.console)

    def set_side_by_side(self, before: ExperimentResult, after: ExperimentResult) -> None:
        """Show the comparison."""
        self.console.push_screen(ExperimentComparison((before, after)))


class ExperimentComparison(TextDialog):
    """Two experiments, figure by figure."""

    def __init__(self, pair: tuple[ExperimentResult, ExperimentResult]) -> None:
        super().__init__("TWO EXPERIMENTS")
        self._pair = pair

    def lines(self, width: int) -> list[Line]:
        """The figures of both, and by how much they differ."""
        return experiments.comparison_lines(self._pair, width)
