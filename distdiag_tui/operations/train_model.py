"""Training a model, one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from distdiag_tui.console.operation import Operation
from distdiag_tui.views.training_run import TrainingRun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.errors import DistdiagError
    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.recording.events import Level

_TRAIN = "train"


class TrainingHost(Protocol):
    """The app, as far as a training knows it."""

    @property
    def now_s(self) -> float:
        """Seconds since the epoch."""

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line to the operator."""

    def repaint(self) -> None:
        """Show what is known now."""

    def run_in_background(self, operation: Operation[ModelFacts], work: Callable[[], Awaitable[ModelFacts]]) -> None:
        """Carry out an operation that needs no core."""

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""


class TrainModel:
    """The training of this console, from its start to its end.

    Attributes:
        run: the last training, or the one that goes on; None before the first.
    """

    def __init__(self, console: TrainingHost) -> None:
        self._console = console
        self.run: TrainingRun | None = None

    def start(self, request: TrainRequest) -> None:
        """Train a model, unless one is being trained already."""
        # Not before the first paint, which takes longer with what it imports.
        from distdiag_core.models import training_job

        if self.run is not None and self.run.goes_on:
            word = "being ended: wait for it" if self.run.called_off else "being trained: wait for it, or cancel it"
            self._console.report(f"{self.run.name} is still {word}", "warning")
            return
        self._show(TrainingRun(request.name, self._console.now_s))

        def tell(progress: TrainProgress) -> None:
            # It is called in the thread that trains.
            self._console.call_later(self._progressed, progress)

        operation = Operation["ModelFacts"](
            _TRAIN, f"training {request.name}", self._done, self._failed, self._cancelled
        )
        self._console.run_in_background(operation, lambda: training_job.train(request, tell))

    def cancel(self) -> None:
        """End the training soon; nothing of it is kept."""
        if self.run is None or not self.run.goes_on:
            self._console.report("nothing is being trained", "warning")
            return
        self._console.cancel(_TRAIN)
        self._show(replace(self.run, called_off=True))

    def _progressed(self, progress: TrainProgress) -> None:
        if self.run is not None and self.run.goes_on:
            self._show(self.run.with_progress(progress, self._console.now_s))

    def _done(self, facts: ModelFacts) -> None:
        self._ended(facts=facts)
        self._console.report(f"{facts.name} is trained on {facts.cases} cases")

    def _failed(self, error: DistdiagError) -> None:
        self._ended(failure=str(error))
        name = self.run.name if self.run else "a model"
        self._console.report(f"training {name}: {error}", "error")

    def _cancelled(self) -> None:
        self._ended(failure="it was cancelled, and nothing of it is kept")

    def _ended(self, *, facts: ModelFacts | None = None, failure: str = "") -> None:
        if self.run is not None:
            self._show(self.run.ended(self._console.now_s, facts=facts, failure=failure))

    def _show(self, run: TrainingRun) -> None:
        self.run = run
        self._console.repaint()
