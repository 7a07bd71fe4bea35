"""One yes-or-no classifier per anomaly: boosted trees that must spread their vote over many metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.samples import TRUE, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xgboost import Booster, QuantileDMatrix

    from distdiag_core.diagnosis.training_options import TrainOptions
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


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Rows (S, F) that boosting is judged by as it goes on, and the case of each."""

    rows: Array
    case: NDArray[np.intp]


class Learner:
    """Learns boosters from one set of rows, shape (S, F), that belong to cases, shape (S,)."""

    def __init__(
        self, rows: Array, case: NDArray[np.intp], options: TrainOptions, held_out: HeldOut | None = None
    ) -> None:
        import xgboost

        self._case, self._options = case, options
        # Binning the rows takes as long as learning from them, and is the same for all anomalies.
        self._matrix = xgboost.QuantileDMatrix(rows, max_bin=_PARAMETERS["max_bin"], nthread=1)
        self._judge: tuple[QuantileDMatrix, NDArray[np.intp]] | None = None
        if held_out is not None:
            judge = xgboost.QuantileDMatrix(held_out.rows, ref=self._matrix, max_bin=_PARAMETERS["max_bin"], nthread=1)
            self._judge = judge, held_out.case

    def learn(
        self, truth: NDArray[np.int8], held_out_truth: NDArray[np.int8] | None = None, rounds: int | None = None
    ) -> Booster:
        """A booster that tells the rows where `truth` is TRUE; what is UNKNOWN does not count."""
        import xgboost

        parameters = _PARAMETERS | {"seed": self._options.seed}
        self._set(self._matrix, truth, self._case)
        if self._judge is None or held_out_truth is None or not (held_out_truth == TRUE).any():
            return xgboost.train(parameters, self._matrix, rounds or self._options.rounds)
        judge, case = self._judge
        self._set(judge, held_out_truth, case)
        booster = xgboost.train(
            parameters,
            self._matrix,
            self._options.rounds,
            evals=[(judge, "held_out")],
            early_stopping_rounds=_PATIENCE,
            verbose_eval=False,
        )
        return booster[: booster.best_iteration + 1]

    def _set(self, matrix: QuantileDMatrix, truth: NDArray[np.int8], case: NDArray[np.intp]) -> None:
        known = truth != UNKNOWN
        matrix.set_label(truth == TRUE)
        balanced = self._options.class_weights
        matrix.set_weight(weights(truth == TRUE, known, case) if balanced else known.astype(np.float64))


def weights(truth: NDArray[np.bool_], known: NDArray[np.bool_], case: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both answers weigh the same, and so does each case within an answer."""
    weights = np.zeros(len(truth))
    for answer in (False, True):
        chosen = known & (truth == answer)
        _, place, count = np.unique(case[chosen], return_inverse=True, return_counts=True)
        each = 1 / count[place]
        weights[chosen] = each / each.sum() * known.sum() / 2
    return weights
