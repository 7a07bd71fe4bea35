"""Options of a training, and its progress."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Options of a training; the same cases with the same options give the same model, to the byte.

    Attributes:
        seed: of everything that is drawn at random.
        rounds: the most boosting rounds of a classifier; as many as suit the shape of the trees where it is None.
        early_stopping: end boosting when held-out groups gain nothing any more; otherwise all rounds are done.
        class_weights: give both classes of a classifier the same weight, and each case within a class.
        calibrate: turn scores into probabilities and select thresholds, on held-out groups; without it all thresholds
            are one half, which is enough where only the ranking counts and saves most of the time.
        false_alarms_per_hour: the most false alarms that the thresholds may give on held-out normal operation.
    """

    seed: int = 1
    rounds: int | None = None
    early_stopping: bool = False
    class_weights: bool = True
    calibrate: bool = True
    false_alarms_per_hour: float = 6.0

    @property
    def holds_out(self) -> bool:
        """Whether cases are held out of a part of the training."""
        return self.calibrate or self.early_stopping

    def __post_init__(self) -> None:
        if self.rounds is not None and self.rounds < 1:
            raise ConfigError(f"{self.rounds} rounds teach nothing", hint="at least 1 is needed")
        if not (self.false_alarms_per_hour >= 0 and math.isfinite(self.false_alarms_per_hour)):
            raise ConfigError(
                f"{self.false_alarms_per_hour:g} false alarms an hour cannot be kept to", hint="name a number from 0 on"
            )


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """Progress of a training.

    Attributes:
        stage: the step that begins, in plain words.
        anomaly: whose classifier is being trained; empty in other steps.
        done, total: steps of the whole training.
    """

    stage: str
    anomaly: str
    done: int
    total: int

    @property
    def share(self) -> float:
        """Share of the steps that are done, 0 to 1."""
        return min(1.0, self.done / max(1, self.total))


class StepCounter:
    """Counter of the steps of one training, which reports each to a callback; an error of the callback ends it."""

    def __init__(self, total: int, report: Callable[[TrainProgress], None] | None) -> None:
        self._done, self._total, self._report = 0, total, report

    def begin(self, stage: str, anomaly: str = "") -> None:
        """Report the step that comes next."""
        if self._report is not None:
            self._report(TrainProgress(stage, anomaly, self._done, self._total))

    def end(self) -> None:
        """Count one step as done."""
        self._done += 1
