"""Evidence of a root cause: the metrics that drove its verdict and have left their past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.movement import Movement
    from distdiag_core.metrics.frame import Array, Mask

# Of one root cause.
_MOST = 6
_LEAST_SIGMA = 1.0
# A metric with less than this share of the largest gain of the classifier counts less, however far it has moved.
_FULL_GAIN_SHARE = 0.25
# A metric that contributed less than this share of the largest contribution is no evidence.
_LEAST_SHARE = 0.05
# From this share of the largest weight on, a metric of the anomaly's own category stands before those of others. Of
# metrics that moved together in training it is chance which of them a classifier draws on, and an operator who reads
# "memory cached" as evidence of a busy processor trusts none of it.
_OWN_SHARE = 0.1


def relevance(gain_shares: Array) -> Array:
    """How much the movement of each metric counts for each anomaly while contributions are not known, shape (L, M).

    Args:
        gain_shares: of the metrics in each classifier, shape (L, M).
    """
    largest = np.maximum(gain_shares.max(axis=-1, keepdims=True), 1e-9)
    result: Array = np.minimum(1, gain_shares / largest / _FULL_GAIN_SHARE)
    return result


def strongest(
    moved: Movement, relevance: Array, contributions: Array | None, own: Mask | None = None
) -> tuple[int, ...]:
    """Indices of the metrics that support an anomaly on a node most, the strongest first; at most six.

    Metrics of the anomaly's own category come first where they contributed, and while contributions are not known,
    where they moved.

    Args:
        moved: of all metrics of the node, each of shape (M,).
        relevance: of the metrics for the anomaly, shape (M,).
        contributions: SHAP values of the metrics for this verdict, shape (M,); None where they are not known.
        own: whether a metric is of the category of the anomaly, shape (M,); None where that is unknown.
    """
    if contributions is None:
        # By its logarithm: what was near zero before moves by a hundred deviations with little.
        weight = np.nan_to_num(np.log1p(np.abs(moved.sigma)) * relevance)
        least = float(np.log1p(_LEAST_SIGMA))
    else:
        weight = _by_contribution(moved, contributions)
        least = max(_LEAST_SHARE * float(weight.max()), 1e-9)
    # The unknown come last, and are no evidence.
    order = np.argsort(-weight, kind="stable")
    if own is not None:
        comes_first = own & (weight >= _OWN_SHARE * weight.max())
        order = order[np.argsort(~comes_first[order], kind="stable")]
    return tuple(metric for metric in order[:_MOST].tolist() if weight[metric] >= least)


def _by_contribution(moved: Movement, contributions: Array) -> Array:
    """Positive contributions of metrics that have moved, or of all where there is no past to have moved from."""
    if np.isnan(moved.before).all():
        return np.maximum(contributions, 0)
    gone = ~np.isnan(moved.before) & np.isnan(moved.now)
    has_moved = (np.abs(moved.sigma) >= _LEAST_SIGMA) | gone
    return np.where(has_moved, np.maximum(contributions, 0), 0).astype(np.float32)
