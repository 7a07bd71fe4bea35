"""Training a model, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.background_task import BackgroundTask, TaskHost
from distdiag_tui.views.training_run import TrainingRun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_core.models.training_job import TrainRequest


class TrainingHost(TaskHost, Protocol):
    """The app, as far as a training knows it."""

    def run_in_background(self, operation: Operation[ModelFacts], work: Callable[[], Awaitable[ModelFacts]]) -> None:
        """Carry out an operation that needs no core."""


class TrainModel(BackgroundTask[TrainingRun]):
    """The training of this console, from its start to its end; of one that is cancelled nothing is kept."""

    def __init__(self, console: TrainingHost) -> None:
        super().__init__(console, "the training")
        self._console = console

    def start(self, request: TrainRequest) -> None:
        """Train a model, unless one is being trained already."""
        # Not before the first paint, which takes longer with what it imports.
        from distdiag_core.models import training_job

        if not self._may_begin():
            return
        self._show(TrainingRun(request.name, self._console.now_s))

        def tell(progress: TrainProgress) -> None:
            # It is called in the thread that trains.
            self._change_later(lambda run: run.with_progress(progress, self._console.now_s))

        operation = Operation["ModelFacts"](
            self._name, f"training {request.name}", self._done, self._failed, self._cancelled
        )
        self._console.run_in_background(operation, lambda: training_job.train(request, tell))

    def _done(self, facts: ModelFacts) -> None:
        self._change(lambda run: run.with_model(facts).ended(self._console.now_s))
        self._console.report(f"{facts.name} is trained on {facts.cases} cases")

    def _cancelled(self) -> None:
        self._end("it was cancelled, and nothing of it is kept")
