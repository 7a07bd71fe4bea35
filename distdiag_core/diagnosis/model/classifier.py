"""One yes-or-no classifier per anomaly: boosted trees that must spread their vote over many metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.training.backends.memory import BINS, Boosting, Lesson
from distdiag_core.diagnosis.training.dataset_windows import TRUE, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.diagnosis.training.backends.memory import Teach
    from distdiag_core.diagnosis.training.training_options import TrainOptions
    from distdiag_core.diagnosis.training.training_set import Basis
    from distdiag_core.metrics.frame import Array

# Shallow trees that see few of the columns: a single lucky column must not decide, or the model does not transfer.
_PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_bin": BINS,
    "max_depth": 4,
    "eta": 0.3,
    "subsample": 0.6,
    "colsample_bytree": 0.3,
    "colsample_bynode": 0.1,
    "num_parallel_tree": 3,
    "nthread": 1,
}
# Boosting ends when so many rounds in a row gained nothing on held-out groups.
_PATIENCE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Says how likely each row is to suffer from one anomaly: the mean of what its boosters say, calibrated."""

    boosters: tuple[Booster, ...]
    calibration: Calibration = IDENTITY

    def scores(self, rows: Array) -> Array:
        """Probabilities, shape (S,), of rows of shape (S, F)."""
        votes = [booster.inplace_predict(rows) for booster in self.boosters]
        return self.calibration.probabilities(np.mean(votes, axis=0, dtype=np.float32))

    def importance(self, columns: int) -> NDArray[np.float64]:
        """The share of the trees' gain that each column brought, shape (columns,); sums to 1 unless there is none."""
        gains = np.zeros(columns)
        for booster in self.boosters:
            for column, gain in booster.get_score(importance_type="total_gain").items():
                gains[int(column.removeprefix("f"))] += np.sum(gain)
        return gains / gains.sum() if gains.sum() > 0 else gains


class Learner:
    """Learns boosters from one basis; another one may judge them as boosting goes on."""

    def __init__(self, basis: Basis, options: TrainOptions, teach: Teach, judge: Basis | None = None) -> None:
        self._basis, self._options, self._judge = basis, options, judge
        # Binning the rows takes as long as learning from them, and is the same for all anomalies.
        self._taught = teach(basis.rows, None if judge is None else judge.rows)

    def learn(self, index: int, rounds: int | None = None) -> Booster:
        """A booster that tells the rows where the truth of this anomaly is TRUE; what is UNKNOWN does not count."""
        parameters = _PARAMETERS | {"seed": self._options.seed}
        boosting = Boosting(parameters, rounds or self._options.rounds, _PATIENCE)
        judged_by = None
        if self._judge is not None and (self._judge.truth[:, index] == TRUE).any():
            judged_by = self._lesson(self._judge, index)
        return self._taught.learn(boosting, self._lesson(self._basis, index), judged_by)

    def _lesson(self, basis: Basis, index: int) -> Lesson:
        truth = basis.truth[:, index]
        known, true = truth != UNKNOWN, truth == TRUE
        balanced = self._options.class_weights
        return Lesson(true, weights(true, known, basis.case) if balanced else known.astype(np.float64))


def weights(truth: NDArray[np.bool_], known: NDArray[np.bool_], case: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both answers weigh the same, and so does each case within an answer."""
    weights = np.zeros(len(truth))
    for answer in (False, True):
        chosen = known & (truth == answer)
        _, place, count = np.unique(case[chosen], return_inverse=True, return_counts=True)
        each = 1 / count[place]
        weights[chosen] = each / each.sum() * known.sum() / 2
    return weights
