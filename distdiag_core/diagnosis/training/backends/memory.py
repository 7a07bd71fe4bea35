"""Training in this process on rows that fit into memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRowStore
from distdiag_core.diagnosis.training.backends.training_backend import BINS

if TYPE_CHECKING:
    from xgboost import Booster, DMatrix

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.backends.training_backend import Boosting, Rows, Targets
    from distdiag_core.metrics.frame import Array


class MemoryBackend:
    """Backend that holds all rows in memory."""

    selection_values: int | None = None

    def load(self, case: Case) -> Case:
        """The case as it is, since it has its values."""
        return case

    def row_store(self) -> MemoryRowStore:
        """An empty store in memory."""
        return MemoryRowStore()

    def booster_trainer(self, rows: Rows, held_out: Rows | None) -> MatrixTrainer:
        """A trainer on a matrix of these rows."""
        import xgboost

        matrix = xgboost.QuantileDMatrix(_concatenated(rows), max_bin=BINS, nthread=1)
        if held_out is None:
            return MatrixTrainer(matrix, None)
        # The bins of the held-out rows are those of the rows that are trained on.
        return MatrixTrainer(
            matrix, xgboost.QuantileDMatrix(_concatenated(held_out), ref=matrix, max_bin=BINS, nthread=1)
        )


@dataclass(frozen=True, slots=True, eq=False)
class MatrixTrainer:
    """Trainer of boosters in this process on one XGBoost matrix, with another one of held-out rows."""

    matrix: DMatrix
    held_out_matrix: DMatrix | None

    def train(self, boosting: Boosting, targets: Targets, held_out: Targets | None) -> Booster:
        """A booster after all rounds, or that of the best round where there are held-out targets."""
        import xgboost

        parameters = dict(boosting.parameters)
        _set_targets(self.matrix, targets)
        if self.held_out_matrix is None or held_out is None:
            return xgboost.train(parameters, self.matrix, boosting.rounds)
        _set_targets(self.held_out_matrix, held_out)
        booster = xgboost.train(
            parameters,
            self.matrix,
            boosting.rounds,
            evals=[(self.held_out_matrix, "held_out")],
            early_stopping_rounds=boosting.patience,
            verbose_eval=False,
        )
        return booster[: booster.best_iteration + 1]


def _concatenated(rows: Rows) -> Array:
    parts = list(rows.parts())
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _set_targets(matrix: DMatrix, targets: Targets) -> None:
    matrix.set_label(targets.labels)
    matrix.set_weight(targets.weights)
