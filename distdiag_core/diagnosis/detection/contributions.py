"""Contributions of the metrics of a node to the scores of its anomalies, kept for some ticks since they are costly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.views import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.diagnosis.detection.scoring import Scores
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array

# The SHAP values of one node take as long as the rest of a tick, or longer. When a root cause becomes active, its
# window is not anomalous throughout yet, so that the first ones are computed again sooner than later ones.
_KEPT_TICKS = (2, 3, 5, 10)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    by_metric: Array
    anomalies: frozenset[int]
    due_tick: int
    times: int


class Contributions:
    """Contributions on the nodes that have active root causes; at most one node is computed at a tick."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._kept: dict[int, _Kept] = {}
        self._tick = 0

    def on_tick(self, scores: Scores, active: Mapping[int, frozenset[int]]) -> None:
        """Compute the contributions of the first node that has none for its root causes, else of the most overdue one.

        Args:
            scores: of the tick, of N nodes.
            active: by node the anomalies that are active on it, the node with the most important one first.
        """
        self._tick += 1
        self._kept = {node: kept for node, kept in self._kept.items() if node in active}
        node = next((each for each in active if not active[each] <= self._anomalies(each)), None)
        if node is not None:
            self._compute(scores, node, 0, active[node])
        elif self._kept:
            node = min(self._kept, key=lambda each: self._kept[each].due_tick)
            if self._kept[node].due_tick <= self._tick:
                self._compute(scores, node, self._kept[node].times, active[node])

    def _compute(self, scores: Scores, node: int, times: int, anomalies: frozenset[int]) -> None:
        by_metric = contributions_by_metric(self._model, scores, [node])[0]
        due_tick = self._tick + _KEPT_TICKS[min(times, len(_KEPT_TICKS) - 1)]
        self._kept[node] = _Kept(by_metric, anomalies, due_tick, times + 1)

    def of(self, node: int) -> Array | None:
        """Contributions of each metric to each anomaly on a node, shape (L, M); None where they are not known."""
        return self._kept[node].by_metric if node in self._kept else None

    def _anomalies(self, node: int) -> frozenset[int]:
        return self._kept[node].anomalies if node in self._kept else frozenset()


def contributions_by_metric(model: Model, scores: Scores, nodes: Sequence[int]) -> Array:
    """Support of each metric for each anomaly on these nodes, shape (len(nodes), L, M).

    It is the sum of the positive SHAP values of the metric's columns, and where the second stage has told look-alikes
    apart, what the metric speaks for one of them against the others.
    """
    chosen = np.array(nodes)
    rows = scores.rows[chosen]
    values = np.maximum(model.classifiers.contributions(rows, scores.has_past[chosen]), 0)
    by_column = values.reshape(*values.shape[:2], -1, len(model.features.metrics), len(COLUMNS))
    result: Array = by_column.sum(axis=(2, 4), dtype=np.float32)
    told = np.flatnonzero(scores.second_stage[chosen])
    if model.look_alikes is not None and len(told):
        metrics = np.array([model.features.metrics.index(each) for each in model.look_alikes.metrics])
        support = model.look_alikes.contributions(rows[np.ix_(told, model.look_alike_columns)])
        result[np.ix_(told, np.array(model.look_alike_places), metrics)] += np.maximum(support, 0)
    return result
