"""How likely each node is to suffer from each anomaly, at one tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask

# Without a past and without peers only a profile from another day is left, perhaps of another system.
_SURE_WHEN_ALONE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The classifiers' word.

    Attributes:
        confidence: shape (N, L), 0 to 1.
        threshold: shape (N, L), from which confidence on an anomaly is called by its name.
        has_past: shape (N,), whether a node was held against its own past, or only against the profile and its peers.
        silent: shape (N,), nodes without any figures.
    """

    confidence: Array
    threshold: Array
    has_past: Mask
    silent: Mask


def score(model: Model, squashed: Array, usual: Array) -> Scores:
    """Score windows (N, M, W) held against what is usual, (N, M) with NaN for nodes without a past; both squashed."""
    nodes, anomalies = len(squashed), model.anomalies
    has_past: Mask = np.any(~np.isnan(usual), axis=1)
    confidence = np.zeros((nodes, len(anomalies)), dtype=np.float32)
    threshold = np.empty_like(confidence)
    for column, anomaly in enumerate(anomalies):
        bound = model.thresholds[anomaly]
        by_level = max(bound.level, _SURE_WHEN_ALONE) if nodes == 1 else bound.level
        threshold[:, column] = np.where(has_past & (anomaly in model.past), bound.past, by_level)
    if has_past.any():
        rows = model.recipe.rows(squashed, usual)
        for anomaly, classifier in model.past.items():
            confidence[:, anomalies.index(anomaly)] = classifier.scores(rows)
    _score_by_level(model, squashed, has_past, confidence)
    silent: Mask = np.all(np.isnan(squashed), axis=(1, 2), keepdims=True)[:, 0, 0]
    confidence[silent] = 0
    return Scores(confidence, threshold, has_past, silent)


def _score_by_level(model: Model, squashed: Array, has_past: Mask, confidence: Array) -> None:
    """Fill in what the past does not tell: all of nodes that have none, and anomalies that never began in training."""
    # What has no beginning explains only what nothing that has begun explains.
    unexplained = 1 - confidence.max(axis=1)
    rows: Array | None = None
    for column, anomaly in enumerate(model.anomalies):
        if has_past.all() and anomaly in model.past:
            continue
        if rows is None:
            rows = model.recipe.rows(squashed, np.broadcast_to(model.recipe.profile, squashed.shape[:2]))
        by_level = model.level[anomaly].scores(rows)
        if anomaly in model.past:
            confidence[~has_past, column] = by_level[~has_past]
        else:
            confidence[:, column] = np.where(has_past, by_level * unexplained, by_level)
