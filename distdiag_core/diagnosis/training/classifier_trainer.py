"""Training of the boosters of one training set, for one anomaly after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.model.merged_booster import BASE_SCORE
from distdiag_core.diagnosis.training.backends.training_backend import BINS, Boosting, Targets
from distdiag_core.diagnosis.training.window_labels import TRUE, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.diagnosis.training.backends.training_backend import TrainingBackend
    from distdiag_core.diagnosis.training.training_options import TrainOptions
    from distdiag_core.diagnosis.training.training_set import TrainingSet
    from distdiag_core.diagnosis.training.tree_shape import TreeShape

# Trees that see few of the columns: a single lucky column must not decide, or the model does not transfer.
_PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "base_score": BASE_SCORE,
    "tree_method": "hist",
    "max_bin": BINS,
    "subsample": 0.6,
    "colsample_bytree": 0.1,
    "colsample_bynode": 0.3,
    "nthread": 1,
}
# Boosting ends when so many rounds in a row gained nothing on held-out groups.
_PATIENCE = 5


class ClassifierTrainer:
    """Trainer of boosters on one training set, with early stopping on a held-out one if given."""

    def __init__(
        self,
        training_set: TrainingSet,
        options: TrainOptions,
        shape: TreeShape,
        backend: TrainingBackend,
        held_out: TrainingSet | None = None,
    ) -> None:
        self._training_set, self._options, self._held_out = training_set, options, held_out
        self._shape = shape
        # Binning the rows takes as long as training on them, and is the same for all anomalies.
        self._boosters = backend.booster_trainer(training_set.rows, None if held_out is None else held_out.rows)

    def train(self, index: int, rounds: int | None = None) -> Booster:
        """A booster that separates the windows whose truth of this anomaly is TRUE; UNKNOWN ones do not count.

        Args:
            index: of the anomaly.
            rounds: boosting rounds; those of the options, or of the shape of the trees, where it is None.
        """
        of_shape = {
            "max_depth": self._shape.depth,
            "eta": self._shape.rate,
            "num_parallel_tree": self._shape.parallel,
        }
        parameters = _PARAMETERS | of_shape | {"seed": self._options.seed}
        boosting = Boosting(parameters, rounds or self._options.rounds or self._shape.rounds, _PATIENCE)
        held_out = None
        if self._held_out is not None and (self._held_out.truth[:, index] == TRUE).any():
            held_out = self._targets(self._held_out, index)
        return self._boosters.train(boosting, self._targets(self._training_set, index), held_out)

    def _targets(self, training_set: TrainingSet, index: int) -> Targets:
        truth = training_set.truth[:, index]
        known, true = truth != UNKNOWN, truth == TRUE
        if self._options.class_weights:
            return Targets(true, balanced_weights(true, known, training_set.case))
        return Targets(true, known.astype(np.float64))


def balanced_weights(truth: NDArray[np.bool_], known: NDArray[np.bool_], case: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sample weights, shape (S,), that give both classes the same total, and each case within a class.

    Args:
        truth: shape (S,), the class of each sample.
        known: shape (S,), whether the class is known; other samples get the weight 0.
        case: shape (S,), index of the case.

    Returns:
        Weights whose sum is the number of known samples where both classes occur.
    """
    weights = np.zeros(len(truth))
    for answer in (False, True):
        chosen = known & (truth == answer)
        _, place, count = np.unique(case[chosen], return_inverse=True, return_counts=True)
        each = 1 / count[place]
        weights[chosen] = each / each.sum() * known.sum() / 2
    return weights
