"""What the baselines learn by: the paper's classifiers, one classifier for all, a random forest, nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.training.dataset_windows import FALSE, TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

_COMMON = {"tree_method": "hist", "seed": 1, "nthread": 1}
_ROUNDS = 30
_FOREST: dict[str, Any] = {"num_parallel_tree": 100, "eta": 1.0, "subsample": 0.63, "colsample_bynode": 0.05}
_NEIGHBOURS = 5
# So many distances at a time are held in memory.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Learner:
    """A way to learn scores (S, L) of rows (S, F) from rows and truth (S, L)."""

    name: str
    learn: Callable[[Array, NDArray[np.int8]], Callable[[Array], Array]]
    by_graph: bool = False


def _one_for_each(**parameters: Any) -> Callable[[Array, NDArray[np.int8]], Callable[[Array], Array]]:  # noqa: ANN401
    """A yes-or-no XGBoost for each anomaly."""
    rounds = parameters.pop("rounds")

    def learn(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
        import xgboost

        boosters = []
        for column in truth.T:
            known = column != UNKNOWN
            data = xgboost.DMatrix(rows[known], label=column[known] == TRUE)
            boosters.append(xgboost.train({"objective": "binary:logistic", **_COMMON, **parameters}, data, rounds))
        return lambda asked: np.stack([booster.inplace_predict(asked) for booster in boosters], axis=-1)

    return learn


def _one_for_all(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
    """One XGBoost that chooses among the anomalies and normal life; of a compound it is taught each part."""
    import xgboost

    taught, answer = _with_answers(truth)
    data = xgboost.DMatrix(rows[taught], label=answer)
    parameters = {"objective": "multi:softprob", "num_class": truth.shape[1] + 1, **_COMMON}
    booster = xgboost.train(parameters, data, _ROUNDS)
    return lambda asked: np.asarray(booster.inplace_predict(asked))[:, :-1]


def _with_answers(truth: NDArray[np.int8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows to be taught and the answer to each: the column of an anomaly, or one more for normal."""
    ill, answer = np.nonzero(truth == TRUE)
    normal = np.flatnonzero((truth == FALSE).all(axis=1))
    return np.concatenate((ill, normal)), np.concatenate((answer, np.full(len(normal), truth.shape[1])))


def _nearest(rows: Array, truth: NDArray[np.int8]) -> Callable[[Array], Array]:
    """The share of the nearest windows that had the anomaly, by distance in standard deviations."""
    known = (truth != UNKNOWN).all(axis=1)
    if not known.any():
        known = np.ones(len(truth), dtype=np.bool_)
    middle, scale = _scale(rows[known])
    taught, had = _scaled(rows[known], middle, scale), (truth[known] == TRUE).astype(np.float32)
    squares = (taught**2).sum(axis=1)
    neighbours = min(_NEIGHBOURS, len(taught))

    def scores(asked: Array) -> Array:
        found = []
        for start in range(0, len(asked), _AT_ONCE):
            # The square of the asked row is the same for all and changes no order.
            distance = squares - 2 * _scaled(asked[start : start + _AT_ONCE], middle, scale) @ taught.T
            nearest = np.argpartition(distance, neighbours - 1, axis=1)[:, :neighbours]
            found.append(had[nearest].mean(axis=1))
        return np.concatenate(found)

    return scores


def _scale(rows: Array) -> tuple[Array, Array]:
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known, rows, 0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt(np.where(known, (rows - middle) ** 2, 0).sum(axis=0) / count)
    return middle.astype(np.float32), np.where(spread > 0, spread, 1).astype(np.float32)


def _scaled(rows: Array, middle: Array, scale: Array) -> Array:
    result: Array = np.nan_to_num((rows - middle) / scale).astype(np.float32)
    return result


LEARNERS = (
    Learner("raw window flattened, XGBoost (Xiang et al. 2025)", _one_for_each(rounds=_ROUNDS), by_graph=True),
    Learner("one XGBoost, no graph", _one_for_all),
    Learner("random forest, no graph", _one_for_each(rounds=1, **_FOREST)),
    Learner("nearest neighbours, no graph", _nearest),
)
