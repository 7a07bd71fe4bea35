"""Explanation of the root causes of a tick: the metrics that drove each verdict, and its strongest alternative."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.evidence import strongest
from distdiag_core.diagnosis.detection.movement import Movement, movement, newest_median, onset_tick
from distdiag_core.diagnosis.detection.ranking import Alternative, Evidence
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.features.log_scale import from_log_scale, log_scale

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Window

# Less likely ones are no alternative.
_LEAST_CONFIDENCE = 0.05
_TELLING_APART = 3


class Explainer:
    """Explainer of the root causes of one tick.

    Args:
        window: the history, of which the newest ticks are diagnosed.
        log_values: the newest window on the log scale, shape (N, M, W).
        past: the clean ticks that it is compared with, on the same scale, shape (N, M, R).
        past_end: index of the first tick of the history after them.
    """

    def __init__(self, model: Model, window: Window, log_values: Array, past: Array, past_end: int) -> None:
        self._model, self._window = model, window
        self._log_values, self._past, self._past_end = log_values, past, past_end
        # By node, since a node often has several candidates, and on a large cluster few nodes have any.
        self._moved: dict[int, Movement] = {}
        self._newest: dict[int, Array] = {}
        self._measured: dict[tuple[int, int], Evidence] = {}

    def evidence(self, node: int, anomaly: int, contributions: Array | None, *, active: bool) -> tuple[Evidence, ...]:
        """The metrics that support an anomaly on a node most.

        Args:
            contributions: of all metrics to all anomalies on the node, shape (L, M); None where they are not known.
            active: whether the metrics' onsets are asked for.
        """
        if node not in self._moved:
            self._moved[node] = movement(self._log_values[node], self._past[node])
        moved = self._moved[node]
        of_anomaly = contributions[anomaly] if contributions is not None else None
        shares = self._model.gain_shares(self._model.anomalies[anomaly])
        chosen = strongest(moved, shares, of_anomaly)
        return tuple(self._described(node, metric, moved, of_anomaly, active=active) for metric in chosen)

    def alternative(
        self, anomaly: int, confidence: Array, active: AbstractSet[int], contributions: Array | None
    ) -> Alternative | None:
        """The strongest other anomaly of a node, from its confidence in all of them, shape (L,)."""
        others = confidence.copy()
        others[anomaly] = -1
        other = int(np.argmax(others))
        if others[other] < _LEAST_CONFIDENCE:
            return None
        metrics: tuple[str, ...] = ()
        if contributions is not None:
            difference = np.abs(contributions[anomaly] - contributions[other])
            first = np.argsort(-difference, kind="stable")[:_TELLING_APART]
            metrics = tuple(self._model.features.metrics[each] for each in first if difference[each] > 0)
        return Alternative(self._model.anomalies[other], float(others[other]), other in active, metrics)

    def _described(
        self, node: int, metric: int, moved: Movement, contributions: Array | None, *, active: bool
    ) -> Evidence:
        if (node, metric) not in self._measured:
            self._measured[node, metric] = self._measure(node, metric, moved)
        evidence = self._measured[node, metric]
        if contributions is not None:
            evidence = replace(evidence, contribution=round(float(contributions[metric]), 3))
        return replace(evidence, onset_s=self._onset_s(node, metric, moved)) if active else evidence

    def _measure(self, node: int, metric: int, moved: Movement) -> Evidence:
        log_values = np.array([moved.before[metric], moved.now[metric], self._peers(node, metric)], dtype=np.float32)
        before, now, peers = (
            None if math.isnan(value) else float(f"{value:.4g}")
            for value in from_log_scale(log_values, self._model.features.floors[metric]).tolist()
        )
        return Evidence(self._model.features.metrics[metric], round(float(moved.sigma[metric]), 1), before, now, peers)

    def _peers(self, node: int, metric: int) -> float:
        """Median of what the other nodes have now, on the log scale."""
        if metric not in self._newest:
            self._newest[metric] = newest_median(self._log_values[:, metric])
        others = np.delete(self._newest[metric], node)
        return float(nan_statistics.median(others[None])[0])

    def _onset_s(self, node: int, metric: int, moved: Movement) -> float | None:
        name = self._model.features.metrics[metric]
        if np.isnan(moved.before[metric]) or name not in self._window.metrics:
            return None
        values = self._window.values[node, self._window.metrics.index(name), self._past_end :]
        on_scale = log_scale(values[None], self._model.features.floors[metric : metric + 1])[0]
        tick = onset_tick(on_scale, float(moved.before[metric]), float(moved.deviation[metric]))
        return None if tick is None else float(self._window.times_s[self._past_end + tick])
