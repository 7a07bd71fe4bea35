"""Classifiers of the baselines: one XGBoost per anomaly, one for all, a random forest, nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

_COMMON = {"tree_method": "hist", "seed": 1, "nthread": 1}
_ROUNDS = 30
_FOREST: dict[str, Any] = {"num_parallel_tree": 100, "eta": 1.0, "subsample": 0.63, "colsample_bynode": 0.05}
_NEIGHBOURS = 5
# Rows whose distances are held in memory at a time.
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BaselineMethod:
    """Method of a baseline: trains a function from rows to scores (S, L) on rows (S, F) and truth (S, L)."""

    name: str
    train: Callable[[Array, NDArray[np.int8]], Callable[[Array], Array]]
    by_graph: bool = False


def _per_anomaly(**parameters: Any) -> Callable[[Array, NDArray[np.int8]], Callable[[Array], Array]]:  # noqa: ANN401 - those of the classifier
    """A binary XGBoost for each anomaly."""
    rounds = parameters.pop("rounds")

    def train(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
        import xgboost

        boosters = []
        for column in truth.T:
            known = column != UNKNOWN
            data = xgboost.DMatrix(rows[known], label=column[known] == TRUE)
            boosters.append(xgboost.train({"objective": "binary:logistic", **_COMMON, **parameters}, data, rounds))
        return lambda queries: np.stack([booster.inplace_predict(queries) for booster in boosters], axis=-1)

    return train


def _multiclass(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
    """One XGBoost with a class per anomaly and one of normal operation; a compound is trained as each of its parts."""
    import xgboost

    places, classes = multiclass_targets(truth)
    data = xgboost.DMatrix(rows[places], label=classes)
    parameters = {"objective": "multi:softprob", "num_class": truth.shape[1] + 1, **_COMMON}
    booster = xgboost.train(parameters, data, _ROUNDS)
    return lambda queries: np.asarray(booster.inplace_predict(queries))[:, :-1]


def multiclass_targets(truth: NDArray[np.int8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of rows and the class of each: the column of an anomaly, or L for normal operation."""
    anomalous, column = np.nonzero(truth == TRUE)
    normal = np.flatnonzero((truth == FALSE).all(axis=1))
    return np.concatenate((anomalous, normal)), np.concatenate((column, np.full(len(normal), truth.shape[1])))


def nearest_neighbours(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
    """Share of the five nearest windows that have the anomaly, by distance in standard deviations."""
    known = (truth != UNKNOWN).all(axis=1)
    if not known.any():
        known = np.ones(len(truth), dtype=np.bool_)
    mean, deviation = _mean_and_deviation(rows[known])
    standardized, is_true = _standardize(rows[known], mean, deviation), (truth[known] == TRUE).astype(np.float32)
    squares = (standardized**2).sum(axis=1)
    neighbours = min(_NEIGHBOURS, len(standardized))

    def scores(queries: Array) -> Array:
        found = []
        for start in range(0, len(queries), _ROWS_AT_ONCE):
            query = _standardize(queries[start : start + _ROWS_AT_ONCE], mean, deviation)
            # The square of the query itself is the same for all and changes no order.
            distance = squares - 2 * query @ standardized.T
            nearest = np.argpartition(distance, neighbours - 1, axis=1)[:, :neighbours]
            found.append(is_true[nearest].mean(axis=1))
        return np.concatenate(found)

    return scores


def _mean_and_deviation(rows: Array) -> tuple[Array, Array]:
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, rows, 0).sum(axis=0, dtype=np.float64) / count
    deviation = np.sqrt(np.where(known, (rows - mean) ** 2, 0).sum(axis=0) / count)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)


def _standardize(rows: Array, mean: Array, deviation: Array) -> Array:
    result: Array = np.nan_to_num((rows - mean) / deviation).astype(np.float32)
    return result


METHODS = (
    BaselineMethod("raw window flattened, XGBoost (Xiang et al. 2025)", _per_anomaly(rounds=_ROUNDS), by_graph=True),
    BaselineMethod("one XGBoost, no graph", _multiclass),
    BaselineMethod("random forest, no graph", _per_anomaly(rounds=1, **_FOREST)),
    BaselineMethod("nearest neighbours, no graph", nearest_neighbours),
)
