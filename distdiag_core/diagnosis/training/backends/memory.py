"""How rows become boosters: here in this process; a cluster of machines does it behind the same Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from xgboost import Booster, DMatrix

    from distdiag_core.diagnosis.training.row_store import Rows
    from distdiag_core.metrics.frame import Array

# The least that tells a shift of a metric from its noise; more cost time and memory and gain nothing.
BINS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The answer to each of S rows, and how much it counts; both have shape (S,)."""

    answers: NDArray[np.bool_]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Boosting:
    """XGBoost's parameters, the most rounds, and after how many that gain nothing it is over where it is judged."""

    parameters: Mapping[str, Any]
    rounds: int
    patience: int


class Taught(Protocol):
    """Rows that boosters are learned from, put into bins once for all of them; held-out rows may judge."""

    def learn(self, boosting: Boosting, lesson: Lesson, judged_by: Lesson | None) -> Booster:
        """A booster after all rounds, or that of the best round where there is a judge."""
        ...


class Teach(Protocol):
    """Makes rows ready to be learned from, and held-out rows to be judged by."""

    def __call__(self, rows: Rows, held_out: Rows | None) -> Taught: ...


@dataclass(frozen=True, slots=True, eq=False)
class InProcess:
    """Boosters learned by this process from one matrix, judged by another."""

    matrix: DMatrix
    judge: DMatrix | None

    def learn(self, boosting: Boosting, lesson: Lesson, judged_by: Lesson | None) -> Booster:
        """A booster of `matrix`."""
        import xgboost

        parameters = dict(boosting.parameters)
        _set(self.matrix, lesson)
        if self.judge is None or judged_by is None:
            return xgboost.train(parameters, self.matrix, boosting.rounds)
        _set(self.judge, judged_by)
        booster = xgboost.train(
            parameters,
            self.matrix,
            boosting.rounds,
            evals=[(self.judge, "held_out")],
            early_stopping_rounds=boosting.patience,
            verbose_eval=False,
        )
        return booster[: booster.best_iteration + 1]


def in_memory(rows: Rows, held_out: Rows | None) -> InProcess:
    """Rows that fit into memory."""
    import xgboost

    matrix = xgboost.QuantileDMatrix(_whole(rows), max_bin=BINS, nthread=1)
    if held_out is None:
        return InProcess(matrix, None)
    return InProcess(matrix, xgboost.QuantileDMatrix(_whole(held_out), ref=matrix, max_bin=BINS, nthread=1))


def _whole(rows: Rows) -> Array:
    parts = list(rows.parts())
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _set(matrix: DMatrix, lesson: Lesson) -> None:
    matrix.set_label(lesson.answers)
    matrix.set_weight(lesson.weights)
