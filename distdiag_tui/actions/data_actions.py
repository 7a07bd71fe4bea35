"""What the actions on data and models do; their keys and words are in `keymap`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from distdiag_core.models import training_job
from distdiag_tui.messages import TrainingProgressed
from distdiag_tui.screens.dataset import DatasetScreen
from distdiag_tui.screens.models import ModelsScreen
from distdiag_tui.screens.training import TrainingScreen
from distdiag_tui.views.training_run import TrainingRun

if TYPE_CHECKING:
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.models.model_registry import ModelFacts, ModelStatus
    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.messages import VerbSucceeded

TRAIN, USE = "train", "use_model"
"""The verbs that train and that exchange the model, as the app knows them."""


class DataActs:
    """Mixed into the app; methods named `action_` are what the keymap names.

    Attributes:
        training: the last training of this console; None before the first.
    """

    training: TrainingRun | None = None

    def action_dataset(self) -> None:
        """What was collected."""
        self._console.push_screen(DatasetScreen())

    def action_collect_normal(self) -> None:
        """Start or stop collecting what is normal."""
        known = self._collecting
        if known is not None:
            on = not known.normal.running
            doing = "starting to collect normal samples" if on else "ending to collect normal samples"
            self._console.perform("collect_normal", doing, lambda verbs: verbs.dataset.collect_normal(on=on))

    def action_collect_anomalies(self) -> None:
        """Whether every injection becomes a case."""
        known = self._collecting
        if known is not None:
            on = not known.anomalies
            doing = "turning the collecting of anomalies on" if on else "turning the collecting of anomalies off"
            self._console.perform("collect_anomalies", doing, lambda verbs: verbs.dataset.collect_anomalies(on=on))

    def action_train(self) -> None:
        """A model from the dataset."""
        self._console.push_screen(TrainingScreen())

    def action_models(self) -> None:
        """The models that there are."""
        self._console.push_screen(ModelsScreen())

    def train(self, request: TrainRequest) -> None:
        """Train a model; see `console.Console`."""
        if self.training is not None and self.training.goes_on:
            word = (
                "being ended: wait for it" if self.training.called_off else "being trained: wait for it, or cancel it"
            )
            self._console.report(f"{self.training.name} is still {word}", "warning")
            return
        self.training = TrainingRun(request.name, self._console.now_s)
        self._console.repaint_screens()

        def tell(progress: TrainProgress) -> None:
            # It is called in the core's thread.
            self._console.post_message(TrainingProgressed(progress))

        async def work(_: Operations) -> ModelFacts:
            return await training_job.train(request, tell)

        self._console.perform(TRAIN, f"training {request.name}", work)

    def cancel_training(self) -> None:
        """End it soon; see `console.Console`."""
        if self.training is None or not self.training.goes_on:
            self._console.report("nothing is being trained", "warning")
            return
        self.training = replace(self.training, called_off=True)
        self._console.cancel(TRAIN)
        self._console.repaint_screens()

    def training_heard(self, progress: TrainProgress) -> None:
        """The next step has begun."""
        if self.training is not None and self.training.goes_on:
            self.training = self.training.heard(progress, self._console.now_s)
            self._console.repaint_screens()

    def training_ended(self, *, facts: ModelFacts | None = None, failure: str = "") -> None:
        """It has come to its end, by itself or not."""
        if self.training is not None:
            self.training = self.training.ended(self._console.now_s, facts=facts, failure=failure)
            self._console.repaint_screens()

    def data_verb_done(self, done: VerbSucceeded) -> None:
        """The core has done what was asked: say it."""
        if done.verb == TRAIN:
            facts: ModelFacts = done.result
            self.training_ended(facts=facts)
            self._console.report(f"{facts.name} is trained on {facts.cases} cases")
        elif done.verb == USE:
            model: ModelStatus = done.result
            known = "never evaluated" if model.ac1 is None else f"AC@1 {model.ac1:.2f}"
            self._console.report(f"{model.name} diagnoses from now on, {known}")
            if model.warning:
                self._console.report(f"{model.name}: {model.warning}", "warning")

    @property
    def _collecting(self) -> CollectingStatus | None:
        """None, with a word about it, where nothing can be collected."""
        snapshot = self._console.snapshot
        known = snapshot.collecting if snapshot is not None else None
        if known is None:
            self._console.report("nothing can be collected here", "warning")
        return known

    @property
    def _console(self) -> DistdiagApp:
        return cast("DistdiagApp", self)
