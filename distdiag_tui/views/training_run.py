"""A training of this console, from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.diagnosis.training.training_options import TrainProgress
    from distdiag_core.models.model_registry import ModelFacts


@dataclass(frozen=True, slots=True)
class Step:
    """One classifier, or one part of the work around them; `ended_s` is None while it goes on."""

    stage: str
    anomaly: str
    began_s: float
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a screen shows of it.

    Attributes:
        share: what is done, 0 to 1.
        steps: what was begun, in its order; all but the last have ended.
        ended_s: None while it goes on.
        called_off: it comes to an end soon, and no other can begin before that.
        facts: the model that came of it; None before the end, and where none did.
        failure: why none did; empty otherwise.
    """

    name: str
    began_s: float
    share: float = 0.0
    steps: tuple[Step, ...] = ()
    ended_s: float | None = None
    facts: ModelFacts | None = None
    failure: str = ""
    called_off: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it is still under way."""
        return self.ended_s is None

    def with_progress(self, progress: TrainProgress, now_s: float) -> TrainingRun:
        """The same run with newer progress."""
        begun = Step(progress.stage, progress.anomaly, now_s)
        return replace(self, share=progress.share, steps=(*self._ended_steps(now_s), begun))

    def ended(self, now_s: float, *, facts: ModelFacts | None = None, failure: str = "") -> TrainingRun:
        """The same at its end."""
        share = 1.0 if facts is not None else self.share
        steps = self._ended_steps(now_s)
        return replace(self, share=share, steps=steps, ended_s=now_s, facts=facts, failure=failure)

    def _ended_steps(self, now_s: float) -> tuple[Step, ...]:
        return tuple(step if step.ended_s is not None else replace(step, ended_s=now_s) for step in self.steps)
