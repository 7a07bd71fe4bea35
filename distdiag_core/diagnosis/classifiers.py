"""One yes-or-no classifier per anomaly: boosted trees that must spread their vote over many metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.metrics.frame import Array

# Shallow trees that see few of the columns: a single lucky column must not decide, or the model does not transfer.
_PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_bin": 64,
    "max_depth": 4,
    "eta": 0.3,
    "subsample": 0.6,
    "colsample_bytree": 0.3,
    "colsample_bynode": 0.1,
    "num_parallel_tree": 3,
    "seed": 1,
    "nthread": 1,
}
_ROUNDS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Says how likely each row is to suffer from one anomaly: the mean of what its boosters say."""

    boosters: tuple[Booster, ...]

    def scores(self, rows: Array) -> Array:
        """Probabilities, shape (S,), of rows of shape (S, F)."""
        votes = [booster.inplace_predict(rows) for booster in self.boosters]
        result: Array = np.mean(votes, axis=0, dtype=np.float32)
        return result

    def importance(self, columns: int) -> NDArray[np.float64]:
        """The share of the trees' gain that each column brought, shape (columns,); sums to 1 unless there is none."""
        gains = np.zeros(columns)
        for booster in self.boosters:
            for column, gain in booster.get_score(importance_type="total_gain").items():
                gains[int(column.removeprefix("f"))] += np.sum(gain)
        return gains / gains.sum() if gains.sum() > 0 else gains


class Learner:
    """Learns boosters from one set of rows, shape (S, F), that belong to cases, shape (S,)."""

    def __init__(self, rows: Array, case: NDArray[np.intp]) -> None:
        import xgboost

        self._case = case
        # Binning the rows takes as long as learning from them, and is the same for all anomalies.
        self._matrix = xgboost.QuantileDMatrix(rows, max_bin=_PARAMETERS["max_bin"], nthread=1)

    def learn(self, truth: NDArray[np.bool_], known: NDArray[np.bool_]) -> Booster:
        """A booster that tells the rows where `truth` holds; rows that are not `known` do not count."""
        import xgboost

        self._matrix.set_label(truth)
        self._matrix.set_weight(_weights(truth, known, self._case))
        return xgboost.train(_PARAMETERS, self._matrix, _ROUNDS)


def _weights(truth: NDArray[np.bool_], known: NDArray[np.bool_], case: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both answers weigh the same, and so does each case within an answer."""
    weights = np.zeros(len(truth))
    for answer in (False, True):
        chosen = known & (truth == answer)
        _, place, count = np.unique(case[chosen], return_inverse=True, return_counts=True)
        each = 1 / count[place]
        weights[chosen] = each / each.sum() * known.sum() / 2
    return weights
