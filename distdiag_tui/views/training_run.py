"""A training of this console, from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from distdiag_tui.views.task_run import TaskRun

if TYPE_CHECKING:
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.models.model_registry import ModelFacts


@dataclass(frozen=True, slots=True)
class Step:
    """One classifier, or one part of the work around them; it ends when the next one begins."""

    stage: str
    anomaly: str
    began_s: float


@dataclass(frozen=True, slots=True)
class TrainingRun(TaskRun):
    """What a screen shows of it.

    Attributes:
        share: what is done, 0 to 1.
        steps: what was begun, in its order.
        facts: the model that came of it; None before the end, and where none did.
    """

    name: str
    began_s: float
    share: float = 0.0
    steps: tuple[Step, ...] = ()
    facts: ModelFacts | None = None

    def with_progress(self, progress: TrainProgress, now_s: float) -> TrainingRun:
        """The same run with newer progress."""
        begun = Step(progress.stage, progress.anomaly, now_s)
        return replace(self, share=progress.share, steps=(*self.steps, begun))

    def with_model(self, facts: ModelFacts) -> TrainingRun:
        """The same run with the model that came of it."""
        return replace(self, share=1.0, facts=facts)

    def durations_s(self) -> list[float]:
        """How long each step took that has come to its end; the last one of a training that failed has not."""
        began = [step.began_s for step in self.steps]
        if began and self.ended_s is not None and not self.failure:
            began.append(self.ended_s)
        return [later - earlier for earlier, later in pairwise(began)]
