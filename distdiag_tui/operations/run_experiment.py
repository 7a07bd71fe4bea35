"""Running an experiment in the core, one at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_tui.console.operation import Operation
from distdiag_tui.views.experiment_run import ExperimentRun

if TYPE_CHECKING:
    from distdiag_core.errors import DistdiagError
    from distdiag_core.experiments.experiment import ExperimentPlan, ExperimentResult
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.console.console import Console

_EXPERIMENT = "experiment"


class RunExperiment:
    """The experiment of this console, from its start to its report.

    Attributes:
        run: the last one, or the one that goes on; None before the first.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self.run: ExperimentRun | None = None

    def start(self, plan: ExperimentPlan, confirmed: str) -> None:
        """Run it, unless one goes on already.

        Args:
            confirmed: the name of a production cluster.
        """
        if self.run is not None and self.run.goes_on:
            self._console.report(f"{self.run.name} still runs: wait for it, or cancel it", "warning")
            return
        self._show(ExperimentRun(plan.name, self._console.now_s))

        def tell(text: str) -> None:
            # It is called in the core's thread.
            self._console.call_later(self._stepped, text)

        # Not before the first paint, which takes longer with what they import.
        from distdiag_core.experiments import experiment_files
        from distdiag_core.experiments.experiment_runner import ExperimentRunner

        async def work(runtime: Operations) -> ExperimentResult:
            result = await ExperimentRunner(plan, runtime, tell, confirmed).run()
            await asyncio.to_thread(experiment_files.write, result)
            return result

        operation = Operation["ExperimentResult"](
            _EXPERIMENT, f"the experiment {plan.name}", self._done, self._failed, self._cancelled
        )
        self._console.perform(operation, work)

    def cancel(self) -> None:
        """End it soon: the load is stopped, and what is left of its anomalies is cleared."""
        if self.run is None or not self.run.goes_on:
            self._console.report("no experiment runs", "warning")
            return
        self._console.cancel(_EXPERIMENT)
        self._show(replace(self.run, called_off=True))

    def _stepped(self, text: str) -> None:
        if self.run is not None and self.run.goes_on:
            self._show(self.run.with_step(self._console.now_s, text))

    def _done(self, result: ExperimentResult) -> None:
        self._console.report(f"the experiment {result.name} has ended: its report is among the experiments")
        if self.run is not None:
            self._show(replace(self.run, result=result))

    def _failed(self, error: DistdiagError) -> None:
        self._console.report(f"the experiment: {error}", "error")
        self._ended(str(error))

    def _cancelled(self) -> None:
        self._ended("it was cancelled; the load is stopped, and its anomalies are cleared")

    def _ended(self, failure: str) -> None:
        if self.run is not None:
            self._show(replace(self.run, failure=failure))

    def _show(self, run: ExperimentRun) -> None:
        self.run = run
        self._console.repaint()
