"""Running an experiment in the core, one at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.background_task import BackgroundTask
from distdiag_tui.views.experiment_run import ExperimentRun

if TYPE_CHECKING:
    from distdiag_core.experiments.experiment import ExperimentPlan, ExperimentResult
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.console.console import Console


class RunExperiment(BackgroundTask[ExperimentRun]):
    """The experiment of this console, from its start to its report.

    One that is cancelled stops its load, and clears what is left of its anomalies.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console, "the experiment")
        self._console = console

    def start(self, plan: ExperimentPlan, confirmed: str) -> None:
        """Run it, unless one goes on already.

        Args:
            confirmed: the name of a production cluster.
        """
        if not self._may_begin():
            return
        self._show(ExperimentRun(plan.name, self._console.now_s))

        def tell(text: str) -> None:
            # It is called in the core's thread.
            self._change_later(lambda run: run.with_step(self._console.now_s, text))

        # Not before the first paint, which takes longer with what they import.
        from distdiag_core.experiments import experiment_files
        from distdiag_core.experiments.experiment_runner import ExperimentRunner

        async def work(runtime: Operations) -> ExperimentResult:
            result = await ExperimentRunner(plan, runtime, tell, confirmed).run()
            await asyncio.to_thread(experiment_files.write, result)
            return result

        operation = Operation["ExperimentResult"](
            self._name, f"the experiment {plan.name}", self._done, self._failed, self._cancelled
        )
        self._console.perform(operation, work)

    def _done(self, result: ExperimentResult) -> None:
        self._change(lambda run: replace(run, result=result).ended(self._console.now_s))
        self._console.report(f"the experiment {result.name} has ended: its report is among the experiments")

    def _cancelled(self) -> None:
        self._end("it was cancelled; the load is stopped, and its anomalies are cleared")
