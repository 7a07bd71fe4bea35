"""Scores of one tick: the probability that each node suffers from each anomaly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import connection_judge, loss_judge
from distdiag_core.diagnosis.model.look_alikes import known

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask, Window

# A node without a past is compared with a profile of another day, perhaps of another system, and with its peers where
# it has any: what stands there by chance when a console starts has to be clear. Of 92 starts in normal operation on the
# lab one was accused before, and none is; of 25 amid an anomaly 22 are (23 before), in the median a second later.
_THRESHOLD_WITHOUT_PAST, _THRESHOLD_WHEN_ALONE = 0.7, 0.8
# Lost acknowledgements have the same effect as late ones, so that such a loss is possible all the same.
_THRESHOLD_OF_DOUBTFUL_LOSS = 0.85
# A classifier of which a node has not this share of the gain is silent there.
_LEAST_SEEN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of N nodes and L anomalies.

    Attributes:
        rows: shape (N, F), the features that were scored.
        confidence: shape (N, L), 0 to 1.
        threshold: shape (N, L), the confidence from which an anomaly is reported.
        has_past: shape (N,), whether a node was compared with its own past, or only with the profile and its peers.
        silent: shape (N,), nodes without any values.
        lacking: shape (N, L), anomalies that cannot be told on a node, since it never had most of their metrics.
        second_stage: shape (N,), nodes on which the second stage of the model has told look-alikes apart.
    """

    rows: Array
    confidence: Array
    threshold: Array
    has_past: Mask
    silent: Mask
    lacking: Mask
    second_stage: Mask


def score(model: Model, log_values: Array, baseline: Array) -> Scores:
    """Score windows.

    Args:
        log_values: windows on the log scale, shape (N, M, W).
        baseline: shape (N, M) on the same scale, NaN for nodes without a past.
    """
    has_past: Mask = np.any(~np.isnan(baseline), axis=1)
    silent: Mask = np.all(np.isnan(log_values), axis=(1, 2), keepdims=True)[:, 0, 0]
    unseen = _unseen(log_values, baseline)
    log_values, baseline = _without_unseen(log_values, baseline, model.features.profile, unseen)
    rows = model.features.rows(log_values, baseline)
    confidence = model.classifiers.scores(rows, has_past)
    lacking: Mask = ~unseen @ model.gain_by_anomaly.T < _LEAST_SEEN
    confidence[silent] = 0
    confidence[lacking] = 0
    second_stage = _second_stage_nodes(model, rows, unseen, lacking)
    if model.look_alikes is not None and second_stage.any():
        values = rows[np.ix_(second_stage, model.look_alike_columns)]
        separated = model.look_alikes.separate(confidence[second_stage], values, model.look_alike_places)
        confidence[second_stage] = separated
    return Scores(rows, confidence, _thresholds(model, has_past), has_past, silent, lacking, second_stage)


def _second_stage_nodes(model: Model, rows: Array, unseen: Mask, lacking: Mask) -> Mask:
    """Nodes with all metrics of the second stage and enough of those of each look-alike, shape (N,)."""
    if model.look_alikes is None:
        return np.zeros(len(rows), dtype=np.bool_)
    metrics = [model.features.metrics.index(each) for each in model.look_alikes.metrics]
    has_all = ~unseen[:, metrics].any(axis=1) & known(rows[:, model.look_alike_columns])
    applies: Mask = has_all & ~lacking[:, model.look_alike_places].any(axis=1)
    return applies


def with_connections(scores: Scores, window: Window, anomalies: tuple[str, ...]) -> Scores:
    """Scores in which the states of connections, where they are known, have the word on the kinds that they tell."""
    if not connection_judge.judges(window):
        return scores
    failed = connection_judge.failures(window)
    confidence = scores.confidence.copy()
    for column in (at for at, anomaly in enumerate(anomalies) if anomaly in connection_judge.KINDS):
        of_kind = [node in failed and failed[node].anomaly == anomalies[column] for node in window.nodes]
        confidence[:, column] = of_kind
    return replace(scores, confidence=confidence)


def with_retransmissions(scores: Scores, window: Window, anomalies: tuple[str, ...], ticks: int) -> Scores:
    """Scores in which packet loss has to be clearer where all that was sent again in these newest ticks had arrived."""
    if loss_judge.NETWORK_LOSS not in anomalies:
        return scores
    doubtful = loss_judge.nothing_lost(window, ticks)
    threshold, column = scores.threshold.copy(), anomalies.index(loss_judge.NETWORK_LOSS)
    threshold[doubtful, column] = np.maximum(threshold[doubtful, column], np.float32(_THRESHOLD_OF_DOUBTFUL_LOSS))
    return replace(scores, threshold=threshold)


def _thresholds(model: Model, has_past: Mask) -> Array:
    """Threshold of each anomaly on each node, shape (N, L)."""
    bounds = [model.thresholds[anomaly] for anomaly in model.anomalies]
    with_past = np.array([each.with_past for each in bounds], dtype=np.float32)
    without = np.array([each.without_past for each in bounds], dtype=np.float32)
    least = _THRESHOLD_WHEN_ALONE if len(has_past) == 1 else _THRESHOLD_WITHOUT_PAST
    without = np.maximum(without, np.float32(least))
    return np.where(has_past[:, None], with_past, without)


def _unseen(log_values: Array, baseline: Array) -> Mask:
    """Metrics that a node has not had before, shape (N, M): no past, or not even a value."""
    without_past = np.isnan(baseline)
    has_past = ~without_past.all(axis=1, keepdims=True)
    unseen: Mask = without_past & (has_past | np.isnan(log_values).all(axis=2))
    return unseen


def _without_unseen(log_values: Array, baseline: Array, profile: Array, unseen: Mask) -> tuple[Array, Array]:
    """Windows and baselines in which nothing is missing that a node has not had before.

    A metric that goes missing is evidence; one that was not there yet, since its source is off or its connection was
    just made, is none. As NaN it would take the way through the trees that training gave to nodes that were down.

    - An unseen metric stands at the profile both before and now, which says nothing.
    - On a node without any past a metric is taken to have been before its first value as it was then.
    """
    without_past = np.isnan(baseline)
    if not without_past.any():
        return log_values, baseline
    usual = np.broadcast_to(profile, baseline.shape)
    values = np.where(unseen[..., None], usual[..., None], log_values)
    first = (~np.isnan(values)).argmax(axis=2)[..., None]
    before = without_past[..., None] & (np.arange(values.shape[2]) < first)
    values = np.where(before, np.take_along_axis(values, first, axis=2), values)
    has_past = ~without_past.all(axis=1, keepdims=True)
    return values, np.where(unseen & has_past, usual, baseline)
