"""Classifiers of all anomalies: ensembles of boosted trees whose mean scores are calibrated, predicted in one call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model import merged_booster
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.metrics.frame import Array, Mask


@dataclass(frozen=True, slots=True)
class Calibrations:
    """Calibration of the scores of one anomaly, of nodes with a past to compare with and of those without."""

    with_past: Calibration = IDENTITY
    without_past: Calibration = IDENTITY


@dataclass(frozen=True, eq=False)
class Classifiers:
    """Binary classifiers of L anomalies in one booster.

    Attributes:
        booster: with as many outputs for each anomaly as there are weights, those of one anomaly after the other.
        weights: of the outputs of each anomaly in its score; the sum is 1.
        anomalies: names, L of them.
        calibrations: by anomaly; identity where it is missing.
    """

    booster: Booster
    weights: tuple[float, ...]
    anomalies: tuple[str, ...]
    calibrations: Mapping[str, Calibrations]

    @classmethod
    def merged(cls, boosters: Mapping[str, Sequence[Booster]], weights: tuple[float, ...]) -> Classifiers:
        """Uncalibrated classifiers from the boosters of each anomaly, as many as there are weights."""
        return cls(
            merged_booster.merge([each for ours in boosters.values() for each in ours]), weights, tuple(boosters), {}
        )

    def scores(self, rows: Array, has_past: Mask) -> Array:
        """Probabilities, shape (S, L), of rows of shape (S, F).

        Args:
            has_past: shape (S,), whether a row compares a node with its own past.
        """
        votes = np.asarray(self.booster.inplace_predict(rows)).reshape(len(rows), len(self.anomalies), -1)
        scores: Array = (votes @ np.array(self.weights, dtype=np.float32)).astype(np.float32)
        for column, anomaly in enumerate(self.anomalies):
            if (calibration := self.calibrations.get(anomaly)) is not None:
                for chosen, each in ((has_past, calibration.with_past), (~has_past, calibration.without_past)):
                    scores[chosen, column] = each.probabilities(scores[chosen, column])
        return scores

    def contributions(self, rows: Array) -> Array:
        """SHAP values of the log-odds of each anomaly before calibration, shape (S, L, F), of rows (S, F).

        Lundberg et al., "From local explanations to global understanding with explainable AI for trees", 2020.
        """
        import xgboost

        matrix = xgboost.DMatrix(rows, nthread=1)
        of_outputs = np.asarray(self.booster.predict(matrix, pred_contribs=True))[..., :-1]
        by_anomaly = of_outputs.reshape(len(rows), len(self.anomalies), len(self.weights), -1)
        result: Array = np.einsum("slbf,b->slf", by_anomaly, np.array(self.weights, dtype=np.float32))
        return result

    @cached_property
    def gain_by_column(self) -> NDArray[np.float64]:
        """Share of the gain of each anomaly that each column brought, shape (L, F); the sum is 1, or 0 without gain."""
        columns = self.booster.num_features()
        gains = merged_booster.gain_by_column(self.booster, columns)
        gains = gains.reshape(len(self.anomalies), -1, columns).sum(axis=1)
        total = gains.sum(axis=1, keepdims=True)
        result: NDArray[np.float64] = np.divide(gains, total, out=np.zeros_like(gains), where=total > 0)
        return result
