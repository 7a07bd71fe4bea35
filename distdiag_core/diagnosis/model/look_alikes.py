"""Second stage: anomalies that look alike to the classifiers, told apart by metrics that few training cases have.

The classifiers learn from all cases, so that metrics which most of the cases lack gain next to nothing in them. The
second stage is a multinomial logistic regression over these metrics alone, trained on the cases that have them. It
leaves what the classifiers make of the look-alikes together, and divides it among them anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.feature_spec import Column, Side
from distdiag_core.diagnosis.features.views import View

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask

# Of each metric: how far it is from the node's past, where it stands, and how much it moves within the window.
COLUMNS_OF_METRIC = ((View.OWN, "mean"), (View.LEVEL, "mean"), (View.MOVEMENT, "spread"))


@dataclass(frozen=True, slots=True, eq=False)
class LookAlikes:
    """Multinomial logistic regression that tells K anomalies apart by C columns of the feature rows.

    Attributes:
        anomalies: names, K of them.
        metrics: names; a node that lacks one of them is left to the classifiers.
        centre, scale: shape (C,), by which the columns are standardized; unknown ones stand at the centre.
        weights: shape (K, C).
        offsets: shape (K,).
    """

    anomalies: tuple[str, ...]
    metrics: tuple[str, ...]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def missing(self, metrics: Collection[str]) -> tuple[str, ...]:
        """What the second stage needs and a cluster with these metrics lacks."""
        return tuple(metric for metric in self.metrics if metric not in metrics)

    def facts(self, metrics: Collection[str]) -> dict[str, tuple[str, ...]]:
        """What it tells apart, by which metrics, and which of them a cluster with these metrics lacks."""
        return {"anomalies": self.anomalies, "metrics": self.metrics, "missing": self.missing(metrics)}

    def summary(self, metrics: Collection[str]) -> str:
        """One line for the operator of a cluster with these metrics."""
        missing = self.missing(metrics)
        lacks = f"; not here, which lacks {', '.join(missing)}" if missing else ""
        return f"tells {', '.join(self.anomalies)} apart on nodes that have {', '.join(self.metrics)}{lacks}"

    def shares(self, values: Array) -> Array:
        """Probability of each of the anomalies, given that it is one of them: (S, K) from columns of shape (S, C)."""
        return softmax(self.standardized(values) @ self.weights.T + self.offsets).astype(np.float32)

    def standardized(self, values: Array) -> NDArray[np.float64]:
        """Columns on one scale, shape (S, C), without unknown values."""
        result: NDArray[np.float64] = np.nan_to_num((values - self.centre) / self.scale)
        return result

    def separate(self, confidence: Array, values: Array, places: Sequence[int]) -> Array:
        """Confidences (S, L) in which the sum of those of the look-alikes is divided among them anew.

        None gets more than the strongest of them had: the second stage says which it is, not that there is one, and
        makes no alarm of what was none.

        Args:
            values: shape (S, C), the columns of the same rows.
            places: of the K anomalies in the last axis of the confidences.
        """
        told = confidence.copy()
        ours = confidence[:, places]
        divided = ours.sum(axis=1, keepdims=True) * self.shares(values)
        told[:, places] = np.minimum(divided, ours.max(axis=1, keepdims=True))
        return told

    def contributions(self, values: Array) -> Array:
        """What each metric adds to the log-odds of each anomaly against the mean of all K; shape (S, K, metrics)."""
        against_mean = self.weights - self.weights.mean(axis=0)
        by_column = self.standardized(values)[:, None, :] * against_mean
        result: Array = by_column.reshape(*by_column.shape[:2], len(self.metrics), -1).sum(axis=-1).astype(np.float32)
        return result


def columns(metrics: Sequence[str], every: Sequence[Column]) -> NDArray[np.intp]:
    """Places of the C columns of these metrics among all columns of the feature rows, those of a metric together.

    Raises:
        ValueError: a metric has no columns.
    """
    place = {column: index for index, column in enumerate(every)}
    wanted = [Column(Side.NODE, metric, *each) for metric in metrics for each in COLUMNS_OF_METRIC]
    unknown = [column.metric for column in wanted if column not in place]
    if unknown:
        raise ValueError(f"{unknown[0]} is no metric of the features")
    return np.array([place[column] for column in wanted], dtype=np.intp)


def known(values: Array) -> Mask:
    """Rows (S, C) in which all metrics have values, whichever view of them may be hidden or missing: shape (S,)."""
    movement = np.array([view is View.MOVEMENT for view, _ in COLUMNS_OF_METRIC])
    by_metric = values.reshape(len(values), -1, len(COLUMNS_OF_METRIC))
    missing: Mask = np.any(np.isnan(by_metric[:, :, movement]), axis=(1, 2), keepdims=True)[:, 0, 0]
    return ~missing


def softmax(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of shape (S, K) whose sum over the last axis is 1."""
    powers = np.exp(log_odds - log_odds.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return result
