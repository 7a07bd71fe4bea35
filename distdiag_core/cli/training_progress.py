"""The progress of a training as messages on stderr, for the verbs that train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.training.training_options import TrainProgress


def say_progress() -> Callable[[TrainProgress], None]:
    """A callback that prints each stage once, and of a stage by anomaly each anomaly."""
    said = ""

    def progress(step: TrainProgress) -> None:
        nonlocal said
        text = f"{step.stage}: {step.anomaly}" if step.anomaly else step.stage
        if text != said:
            said = text
            say(f"{step.share:4.0%}  {text}")

    return progress
