"""Explanation of the root causes of a tick: the metrics that drove each verdict, and its strongest alternative."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from distdiag_core.diagnosis.detection.evidence import strongest
from distdiag_core.diagnosis.detection.movement import Movement, movement, newest_median, onset_tick
from distdiag_core.diagnosis.detection.ranking import Alternative, Evidence
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.features.log_scale import from_log_scale, log_scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask, Window

# Less likely ones are no alternative.
_LEAST_CONFIDENCE = 0.05
_TELLING_APART = 3


class Verdict(NamedTuple):
    """A root cause to explain.

    Attributes:
        node, anomaly: indices in the scores.
        contributions: of the metrics to this anomaly on the node, shape (M,); None where they are not known.
        active: whether the metrics' onsets are asked for.
    """

    node: int
    anomaly: int
    contributions: Array | None
    active: bool


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

    def evidence(self, verdicts: Sequence[Verdict], relevance: Array, own: Mask) -> list[tuple[Evidence, ...]]:
        """The metrics that support each verdict most.

        All verdicts at once, since statistics of a few figures each cost as much as those of many.

        Args:
            relevance: of the metrics for each anomaly, shape (L, M).
            own: which metrics are of the category of each anomaly, shape (L, M).
        """
        moved = self._movements([each.node for each in verdicts])
        chosen = [
            strongest(moved[each.node], relevance[each.anomaly], each.contributions, own[each.anomaly])
            for each in verdicts
        ]
        measured = self._measured(
            moved, sorted({(each.node, metric) for each, ours in zip(verdicts, chosen, strict=True) for metric in ours})
        )
        return [
            tuple(self._described(each, metric, measured[each.node, metric], moved[each.node]) for metric in ours)
            for each, ours in zip(verdicts, chosen, strict=True)
        ]

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

    def _movements(self, nodes: Iterable[int]) -> dict[int, Movement]:
        """Movement of all metrics by node; a node often has several root causes."""
        ours = sorted(set(nodes))
        moved = movement(self._log_values[ours], self._past[ours])
        return {node: moved.of(place) for place, node in enumerate(ours)}

    def _measured(
        self, moved: Mapping[int, Movement], places: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], Evidence]:
        """Metrics of nodes before and now, and what their peers have, by (node, metric)."""
        if not places:
            return {}
        metrics = [metric for _, metric in places]
        before_and_now = [(moved[node].before[metric], moved[node].now[metric]) for node, metric in places]
        log_values = np.column_stack((np.array(before_and_now, dtype=np.float32), self._peers(places)))
        in_units = from_log_scale(log_values, self._model.features.floors[metrics, None]).tolist()
        return {
            (node, metric): Evidence(
                self._model.features.metrics[metric],
                round(float(moved[node].sigma[metric]), 1),
                *(None if math.isnan(value) else float(f"{value:.4g}") for value in values),
            )
            for (node, metric), values in zip(places, in_units, strict=True)
        }

    def _peers(self, places: Sequence[tuple[int, int]]) -> Array:
        """Medians of what the other nodes have now of a metric, on the log scale, for each (node, metric)."""
        metrics = sorted({metric for _, metric in places})
        newest = newest_median(self._log_values[:, metrics])
        others = newest[:, [metrics.index(metric) for _, metric in places]].T.copy()
        others[np.arange(len(places)), [node for node, _ in places]] = np.nan
        return nan_statistics.median(others)

    def _described(self, verdict: Verdict, metric: int, measured: Evidence, moved: Movement) -> Evidence:
        if verdict.contributions is not None:
            measured = replace(measured, contribution=round(float(verdict.contributions[metric]), 3))
        if verdict.active:
            measured = replace(measured, onset_s=self._onset_s(verdict.node, metric, moved))
        return measured

    def _onset_s(self, node: int, metric: int, moved: Movement) -> float | None:
        name = self._model.features.metrics[metric]
        if np.isnan(moved.before[metric]) or name not in self._window.metrics:
            return None
        values = self._window.values[node, self._window.metrics.index(name), self._past_end :]
        on_scale = log_scale(values[None], self._model.features.floors[metric : metric + 1])[0]
        tick = onset_tick(on_scale, float(moved.before[metric]), float(moved.deviation[metric]))
        return None if tick is None else float(self._window.times_s[self._past_end + tick])
