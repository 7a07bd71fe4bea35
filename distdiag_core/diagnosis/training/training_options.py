"""How a model is to be trained, and how far that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What may be chosen; the same cases with the same options give the same model, to the byte.

    Attributes:
        seed: of everything that is drawn by chance.
        rounds: the most boosting rounds of a classifier.
        early_stopping: end boosting when held-out groups gain nothing any more; else all rounds are done.
        class_weights: let both answers of a classifier weigh the same, and each case within an answer.
        calibrate: make probabilities of the scores and find thresholds, on held-out groups; without it the thresholds
            are all one half, which is enough where only the ranking counts and saves most of the time.
        false_alarms_per_hour: the thresholds are chosen so that held-out normal life had no more.
    """

    seed: int = 1
    rounds: int = 20
    early_stopping: bool = False
    class_weights: bool = True
    calibrate: bool = True
    false_alarms_per_hour: float = 6.0

    @property
    def holds_out(self) -> bool:
        """Whether cases are held out of a part of the training."""
        return self.calibrate or self.early_stopping

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise ConfigError(f"{self.rounds} rounds teach nothing", hint="at least 1 is needed")
        if not (self.false_alarms_per_hour >= 0 and math.isfinite(self.false_alarms_per_hour)):
            raise ConfigError(
                f"{self.false_alarms_per_hour:g} false alarms an hour cannot be kept to", hint="name a number from 0 on"
            )


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """How far a training is.

    Attributes:
        stage: what goes on, in plain words.
        anomaly: whose classifier is being learned; empty where it is about none.
        done, total: steps of the whole training.
    """

    stage: str
    anomaly: str
    done: int
    total: int

    @property
    def share(self) -> float:
        """What is done, 0 to 1."""
        return min(1.0, self.done / max(1, self.total))


class Steps:
    """Counts the steps of one training and tells them; whoever is told ends the training by raising."""

    def __init__(self, total: int, tell: Callable[[TrainProgress], None] | None) -> None:
        self._done, self._total, self._tell = 0, total, tell

    def begin(self, stage: str, anomaly: str = "") -> None:
        """Say what comes next."""
        if self._tell is not None:
            self._tell(TrainProgress(stage, anomaly, self._done, self._total))

    def end(self) -> None:
        """One step is done."""
        self._done += 1
