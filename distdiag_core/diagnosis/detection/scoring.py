"""Scores of one tick: the probability that each node suffers from each anomaly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask

# A single node without a past is compared with nothing but a profile of another day, perhaps of another system.
_THRESHOLD_WHEN_ALONE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of N nodes and L anomalies.

    Attributes:
        confidence: shape (N, L), 0 to 1.
        threshold: shape (N, L), the confidence from which an anomaly is reported.
        has_past: shape (N,), whether a node was compared with its own past, or only with the profile and its peers.
        silent: shape (N,), nodes without any values.
    """

    confidence: Array
    threshold: Array
    has_past: Mask
    silent: Mask


def score(model: Model, log_values: Array, baseline: Array) -> Scores:
    """Score windows.

    Args:
        log_values: windows on the log scale, shape (N, M, W).
        baseline: shape (N, M) on the same scale, NaN for nodes without a past.
    """
    nodes, anomalies = len(log_values), model.anomalies
    has_past: Mask = np.any(~np.isnan(baseline), axis=1)
    silent: Mask = np.all(np.isnan(log_values), axis=(1, 2), keepdims=True)[:, 0, 0]
    log_values, baseline = _without_unseen(log_values, baseline, model.features.profile)
    confidence = np.zeros((nodes, len(anomalies)), dtype=np.float32)
    threshold = np.empty_like(confidence)
    for column, anomaly in enumerate(anomalies):
        bound = model.thresholds[anomaly]
        absolute = max(bound.absolute, _THRESHOLD_WHEN_ALONE) if nodes == 1 else bound.absolute
        threshold[:, column] = np.where(has_past & (anomaly in model.relative), bound.relative, absolute)
    if has_past.any():
        rows = model.features.rows(log_values, baseline)
        for anomaly, classifier in model.relative.items():
            confidence[:, anomalies.index(anomaly)] = classifier.scores(rows)
    _fill_in_absolute(model, log_values, has_past, confidence)
    confidence[silent] = 0
    return Scores(confidence, threshold, has_past, silent)


def _without_unseen(log_values: Array, baseline: Array, profile: Array) -> tuple[Array, Array]:
    """Windows and baselines in which nothing is missing that a node has not had before.

    A metric that goes missing is evidence; one that was not there yet, since its source is off or its connection was
    just made, is none. As NaN it would take the way through the trees that training gave to nodes that were down.

    - Without a value in the window, or without a past on a node that has one otherwise, it stands at the profile both
      before and now, which says nothing.
    - On a node without any past it is taken to have been before its first value as it was then.
    """
    without_past = np.isnan(baseline)
    if not without_past.any():
        return log_values, baseline
    has_past = ~without_past.all(axis=1, keepdims=True)
    unseen = without_past & (has_past | np.isnan(log_values).all(axis=2))
    usual = np.broadcast_to(profile, baseline.shape)
    values = np.where(unseen[..., None], usual[..., None], log_values)
    first = (~np.isnan(values)).argmax(axis=2)[..., None]
    before = without_past[..., None] & (np.arange(values.shape[2]) < first)
    values = np.where(before, np.take_along_axis(values, first, axis=2), values)
    return values, np.where(unseen, usual, baseline)


def _fill_in_absolute(model: Model, log_values: Array, has_past: Mask, confidence: Array) -> None:
    """Fill in scores that have no relative classifier: nodes without a past, anomalies that never began in training."""
    # An anomaly without an onset explains only what no anomaly with an onset explains.
    unexplained = 1 - confidence.max(axis=1)
    rows: Array | None = None
    for column, anomaly in enumerate(model.anomalies):
        if has_past.all() and anomaly in model.relative:
            continue
        if rows is None:
            rows = model.features.rows(log_values, np.broadcast_to(model.features.profile, log_values.shape[:2]))
        absolute = model.absolute[anomaly].scores(rows)
        if anomaly in model.relative:
            confidence[~has_past, column] = absolute[~has_past]
        else:
            confidence[:, column] = np.where(has_past, absolute * unexplained, absolute)
