"""Training of the second stage, on the windows of cases that have its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.model.look_alikes import LookAlikes, columns, known, softmax
from distdiag_core.diagnosis.training.window_labels import TRUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
    from distdiag_core.diagnosis.training.dataset_windows import DatasetWindows
    from distdiag_core.metrics.frame import Array

# What makes answers late and throughput low by the network; the connections themselves tell which it is.
_ANOMALIES = ("network_bandwidth", "network_delay", "network_loss")
_METRICS = (
    "host.tcp.round_trip",
    "host.tcp.round_trip_spread",
    "host.tcp.in_flight",
    "host.tcp.send_queue",
    "host.tcp.loss_probe_share",
    "host.tcp.sent_twice_share",
    "host.tcp.held_in_host_share",
)
# An anomaly of fewer cases than this is not told from others.
_LEAST_CASES = 2
# Of the squared weights, against the mean log-likelihood of a case; few cases must not make certain.
_PENALTY, _OFFSET_PENALTY = 0.3, 1e-3
# Added to the deviation of a column on the log scale, so that one that hardly moves does not decide.
_LEAST_SCALE = 0.1
_ITERATIONS, _LEAST_STEP = 60, 1e-8
_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class LookAlikeTrainer:
    """Trainer of the second stage on the windows of a dataset, whole or without a fold.

    Attributes:
        anomalies: names of all L anomalies.
        metrics: those by which look-alikes are told apart, as far as the features have them.
        values: shape (S, C), the columns of these metrics.
        truth: shape (S, L).
        case: shape (S,).
    """

    anomalies: tuple[str, ...]
    metrics: tuple[str, ...]
    values: Array
    truth: NDArray[np.int8]
    case: NDArray[np.intp]

    @classmethod
    def of(cls, windows: DatasetWindows, features: FeatureSpec, anomalies: tuple[str, ...]) -> LookAlikeTrainer:
        """Trainer on these windows."""
        metrics = tuple(metric for metric in _METRICS if metric in features.metrics)
        places = columns(metrics, features.columns())
        values = [part[:, places] for part in windows.rows.parts()]
        return cls(anomalies, metrics, np.concatenate(values), windows.labels.truth, windows.labels.case)

    def train(self, chosen: NDArray[np.bool_] | None = None) -> LookAlikes | None:
        """Second stage of the windows where `chosen`, shape (S,); None where too few cases have the metrics."""
        places = [self.anomalies.index(each) for each in _ANOMALIES if each in self.anomalies]
        if not self.metrics or len(places) <= 1:
            return None
        true = self.truth[:, places] == TRUE
        # A window with two of them shows neither as it is alone.
        usable = known(self.values) & (true.sum(axis=1) == 1)
        if chosen is not None:
            usable &= chosen
        enough = [len(np.unique(self.case[usable & column])) >= _LEAST_CASES for column in true.T]
        if sum(enough) <= 1:
            return None
        usable &= true[:, enough].any(axis=1)
        kinds = true[usable][:, enough].argmax(axis=1)
        names = tuple(self.anomalies[place] for place, ours in zip(places, enough, strict=True) if ours)
        return _fit(names, self.metrics, self.values[usable].astype(np.float64), kinds, self.case[usable])

    def separate_held_out(self, confidence: Array, fold: NDArray[np.intp]) -> Array:
        """Confidences (S, L) as the second stage divides them that has not seen the fold, shape (S,), of the window."""
        told = confidence.copy()
        for part in np.unique(fold):
            stage = self.train(fold != part)
            ours = (fold == part) & known(self.values)
            if stage is not None and ours.any():
                places = [self.anomalies.index(each) for each in stage.anomalies]
                told[ours] = stage.separate(confidence[ours], self.values[ours], places)
        return told


def _fit(
    names: tuple[str, ...],
    metrics: tuple[str, ...],
    values: NDArray[np.float64],
    kinds: NDArray[np.intp],
    case: NDArray[np.intp],
) -> LookAlikes:
    """Second stage by penalised maximum likelihood (Newton's method), in which each anomaly weighs the same."""
    seen = ~np.isnan(values)
    counts = np.maximum(seen.sum(axis=0), 1)
    centre = np.where(seen, values, 0).sum(axis=0) / counts
    deviation = np.sqrt((np.where(seen, values - centre, 0) ** 2).sum(axis=0) / counts)
    centre, scale = np.round(centre, _DIGITS), np.round(deviation + _LEAST_SCALE, _DIGITS)
    design = np.column_stack((np.nan_to_num((values - centre) / scale), np.ones(len(values))))
    theta = np.round(_newton(design, np.eye(len(names))[kinds], _weights(kinds, case)), _DIGITS)
    return LookAlikes(names, metrics, centre, scale, theta[:, :-1], theta[:, -1])


def _weights(kinds: NDArray[np.intp], case: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weights of windows, shape (S,), by which all anomalies count the same, and of one anomaly all its cases.

    Their sum is the number of cases.
    """
    weights = np.zeros(len(kinds))
    for kind in np.unique(kinds):
        ours = kinds == kind
        _, place, count = np.unique(case[ours], return_inverse=True, return_counts=True)
        weights[ours] = 1 / count[place] / len(count)
    result: NDArray[np.float64] = weights * len(np.unique(case)) / weights.sum()
    return result


def _newton(
    design: NDArray[np.float64], truth: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients (K, C + 1) of a multinomial logistic regression, the offset last."""
    kinds, width = truth.shape[1], design.shape[1]
    penalty = np.append(np.full(width - 1, _PENALTY), _OFFSET_PENALTY)
    theta = np.zeros((kinds, width))
    for _ in range(_ITERATIONS):
        predicted = softmax(design @ theta.T)
        gradient = ((predicted - truth) * weights[:, None]).T @ design + penalty * theta
        spread = predicted[:, :, None] * (np.eye(kinds) - predicted[:, None, :]) * weights[:, None, None]
        curvature = np.einsum("sab,si,sj->aibj", spread, design, design, optimize=True)
        curvature = curvature.reshape(kinds * width, -1) + np.diag(np.tile(penalty, kinds))
        step = np.linalg.solve(curvature, gradient.ravel()).reshape(kinds, width)
        theta = theta - step
        if np.abs(step).max() < _LEAST_STEP:
            break
    return theta
