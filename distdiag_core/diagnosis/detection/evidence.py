"""Evidence of a root cause: the metrics that drove its verdict and have left their past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.movement import Movement
    from distdiag_core.metrics.frame import Array

# Of one root cause.
_MOST = 6
_LEAST_SIGMA = 1.0
# A metric with less than this share of the largest gain of the classifier counts less, however far it has moved.
_FULL_GAIN_SHARE = 0.25
# A metric that contributed less than this share of the largest contribution is no evidence.
_LEAST_SHARE = 0.05


def strongest(moved: Movement, gain_shares: Array, contributions: Array | None) -> tuple[int, ...]:
    """Indices of the metrics that support an anomaly on a node most, the strongest first; at most six.

    Args:
        moved: of all metrics of the node, each of shape (M,).
        gain_shares: of the metrics in the classifier of the anomaly, shape (M,).
        contributions: SHAP values of the metrics for this verdict, shape (M,); None where they are not known.
    """
    if contributions is None:
        weight, least = _by_movement(moved, gain_shares), _LEAST_SIGMA
    else:
        weight = _by_contribution(moved, contributions)
        least = max(_LEAST_SHARE * float(weight.max()), 1e-9)
    order = np.argsort(-weight, kind="stable")[:_MOST]
    return tuple(int(metric) for metric in order if weight[metric] >= least)


def _by_movement(moved: Movement, gain_shares: Array) -> Array:
    """Distance to the past, less where the classifier hardly uses a metric."""
    relevance = np.minimum(1, gain_shares / max(float(gain_shares.max()), 1e-9) / _FULL_GAIN_SHARE)
    result: Array = np.nan_to_num(np.abs(moved.sigma) * relevance)
    return result


def _by_contribution(moved: Movement, contributions: Array) -> Array:
    """Positive contributions of metrics that have moved, or of all where there is no past to have moved from."""
    if np.isnan(moved.before).all():
        return np.maximum(contributions, 0)
    gone = ~np.isnan(moved.before) & np.isnan(moved.now)
    has_moved = (np.abs(moved.sigma) >= _LEAST_SIGMA) | gone
    return np.where(has_moved, np.maximum(contributions, 0), 0).astype(np.float32)
