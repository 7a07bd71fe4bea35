"""Classifiers of all anomalies: ensembles of boosted trees whose mean scores are calibrated, predicted in one call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model import merged_booster
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration, probabilities

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


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the outputs of each anomaly in its score, of nodes with a past and of those without; each sum is 1.

    They differ where boosters were trained for one kind of node alone.
    """

    with_past: tuple[float, ...]
    without_past: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse weights of another number of outputs for one kind of node than for the other."""
        if len(self.with_past) != len(self.without_past):
            raise ValueError("there must be as many weights with a past as without")

    def of(self, has_past: Mask) -> Array:
        """Weights of each row, shape (S, B)."""
        both = np.array((self.without_past, self.with_past), dtype=np.float32)
        result: Array = both[has_past.astype(np.intp)]
        return result


@dataclass(frozen=True, eq=False)
class Classifiers:
    """Binary classifiers of L anomalies in one booster.

    Attributes:
        booster: with as many outputs for each anomaly as there are weights, those of one anomaly after the other.
        anomalies: names, L of them.
        calibrations: by anomaly; identity where it is missing.
    """

    booster: Booster
    weights: Weights
    anomalies: tuple[str, ...]
    calibrations: Mapping[str, Calibrations]

    @classmethod
    def merged(cls, boosters: Mapping[str, Sequence[Booster]], weights: tuple[float, ...]) -> Classifiers:
        """Uncalibrated classifiers from the boosters of each anomaly, as many as there are weights, for all nodes."""
        return cls(
            merged_booster.merge([each for ours in boosters.values() for each in ours]),
            Weights(weights, weights),
            tuple(boosters),
            {},
        )

    def scores(self, rows: Array, has_past: Mask) -> Array:
        """Probabilities, shape (S, L), of rows of shape (S, F).

        Args:
            has_past: shape (S,), whether a row compares a node with its own past.
        """
        votes = np.asarray(self.booster.inplace_predict(rows)).reshape(len(rows), len(self.anomalies), -1)
        scores: Array = np.einsum("slb,sb->sl", votes, self.weights.of(has_past)).astype(np.float32)
        slopes, offsets = self._platt[:, has_past.astype(np.intp)]
        return probabilities(scores, slopes, offsets)

    def contributions(self, rows: Array, has_past: Mask) -> Array:
        """SHAP values of the log-odds of each anomaly before calibration, shape (S, L, F), of rows (S, F).

        Lundberg et al., "From local explanations to global understanding with explainable AI for trees", 2020.
        """
        import xgboost

        matrix = xgboost.DMatrix(rows, nthread=1)
        of_outputs = np.asarray(self.booster.predict(matrix, pred_contribs=True))[..., :-1]
        by_anomaly = of_outputs.reshape(len(rows), len(self.anomalies), len(self.weights.with_past), -1)
        result: Array = np.einsum("slbf,sb->slf", by_anomaly, self.weights.of(has_past))
        return result

    @cached_property
    def _platt(self) -> Array:
        """Slopes and offsets of the calibrations, each of nodes without a past and of those with one: (2, 2, L)."""
        ours = [self.calibrations.get(anomaly, Calibrations()) for anomaly in self.anomalies]
        kinds = ([each.without_past for each in ours], [each.with_past for each in ours])
        result: Array = np.array(
            [[[each.slope for each in kind] for kind in kinds], [[each.offset for each in kind] for kind in kinds]],
            dtype=np.float32,
        )
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
