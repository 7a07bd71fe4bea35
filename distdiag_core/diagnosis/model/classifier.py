"""Classifier of one anomaly: an ensemble of boosted trees whose mean score is calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Binary classifier of one anomaly: the calibrated mean of the scores of its boosters."""

    boosters: tuple[Booster, ...]
    calibration: Calibration = IDENTITY

    def scores(self, rows: Array) -> Array:
        """Probabilities, shape (S,), of rows of shape (S, F)."""
        votes = [booster.inplace_predict(rows) for booster in self.boosters]
        return self.calibration.probabilities(np.mean(votes, axis=0, dtype=np.float32))

    def gain_by_column(self, columns: int) -> NDArray[np.float64]:
        """Share of the trees' gain that each column brought, shape (columns,); the sum is 1, or 0 without any gain."""
        gains = np.zeros(columns)
        for booster in self.boosters:
            for column, gain in booster.get_score(importance_type="total_gain").items():
                gains[int(column.removeprefix("f"))] += np.sum(gain)
        return gains / gains.sum() if gains.sum() > 0 else gains
