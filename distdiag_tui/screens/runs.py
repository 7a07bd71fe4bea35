"""The history of benchmark runs, and what one of them cost against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.operations.run_history import RunWithInjections
from distdiag_core.workloads.control.run_comparison import compare
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.pair_listing import PairListing
from distdiag_tui.screens.text_dialog import TextDialog
from distdiag_tui.views import runs
from distdiag_tui.views.list_fields import run_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class RunsScreen(PairListing[RunWithInjections]):
    """The newest run first; two marked ones are compared, the earlier one as what was before."""

    def __init__(self) -> None:
        super().__init__("RUNS", "runs", reading="reading the history ...")
        self._runs: tuple[RunWithInjections, ...] = ()
        self._going: frozenset[str] = frozenset()

    def on_mount(self) -> None:
        """Read the history of runs."""
        self._read_again()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; the file is read again when a run has begun or ended."""
        going = frozenset(f"{status.id} {status.state}" for status in view.snapshot.workloads if status.id)
        if going != self._going:
            self._going = going
            self._read_again()
        super().show(view)

    def _read_again(self) -> None:
        operation = Operation[tuple["RunWithInjections", ...]](
            "runs", "reading the history of runs", self._read, self._not_read, owner=self
        )
        self.console.perform(operation, lambda runtime: runtime.workloads.history())

    def _read(self, runs: tuple[RunWithInjections, ...]) -> None:
        self._runs = runs
        self.has_read("nothing has run yet")

    def _not_read(self, error: DistdiagError) -> None:
        self.has_read(str(error))

    def items(self, view: ViewState) -> tuple[RunWithInjections, ...]:
        """The benchmark runs on this cluster that were started from this machine, the newest first."""
        return self._runs

    def fields(self, view: ViewState) -> tuple[Field[RunWithInjections], ...]:
        """By time, workload, length or results."""
        return run_fields(view)

    def key(self, item: RunWithInjections) -> Hashable:
        """The id of the run."""
        return item.run.id

    def header(self, width: int) -> Line:
        """The column headings of the list of runs."""
        return runs.header(width)

    def row(self, view: ViewState, item: RunWithInjections, width: int) -> Line:
        """One run with its results, and whether it is marked for a comparison."""
        return runs.row(view, item, width, marked=self.is_marked(item))

    def detail(self, view: ViewState, item: RunWithInjections, width: int) -> list[Line]:
        """The results of the run on each node."""
        return runs.detail(view, item, width)

    def all(self) -> tuple[RunWithInjections, ...]:
        """All runs."""
        return self._runs

    def set_side_by_side(self, before: RunWithInjections, after: RunWithInjections) -> None:
        """Show the comparison."""
        self.console.push_screen(RunComparison(before, after))


class RunComparison(TextDialog):
    """Figure by figure, what the later run had that the earlier one had not."""

    def __init__(self, before: RunWithInjections, after: RunWithInjections) -> None:
        super().__init__("TWO RUNS")
        self._pasts = (before, after)

    def lines(self, width: int) -> list[Line]:
        """The figures of both; nothing before the first tick."""
        view = self.console.view
        if view is None:
            return []
        return runs.comparison_lines(view, compare(*(past.run for past in self._pasts)), self._pasts, width)
