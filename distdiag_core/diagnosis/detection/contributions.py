"""Contributions of the metrics of a node to the scores of its anomalies, kept for some ticks since they are costly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.views import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask

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

    def on_tick(self, rows: Array, has_past: Mask, active: Mapping[int, frozenset[int]]) -> None:
        """Compute the contributions of the first node that has none for its root causes, else of the most overdue one.

        Args:
            rows: shape (N, F), the features of the tick.
            has_past: shape (N,), whether a node is compared with its own past.
            active: by node the anomalies that are active on it, the node with the most important one first.
        """
        self._tick += 1
        self._kept = {node: kept for node, kept in self._kept.items() if node in active}
        node = next((each for each in active if not active[each] <= self._anomalies(each)), None)
        if node is not None:
            self._compute(rows, has_past, node, 0, active[node])
        elif self._kept:
            node = min(self._kept, key=lambda each: self._kept[each].due_tick)
            if self._kept[node].due_tick <= self._tick:
                self._compute(rows, has_past, node, self._kept[node].times, active[node])

    def _compute(self, rows: Array, has_past: Mask, node: int, times: int, anomalies: frozenset[int]) -> None:
        by_metric = contributions_by_metric(self._model, rows[node : node + 1], has_past[node : node + 1])[0]
        due_tick = self._tick + _KEPT_TICKS[min(times, len(_KEPT_TICKS) - 1)]
        self._kept[node] = _Kept(by_metric, anomalies, due_tick, times + 1)

    def of(self, node: int) -> Array | None:
        """Contributions of each metric to each anomaly on a node, shape (L, M); None where they are not known."""
        return self._kept[node].by_metric if node in self._kept else None

    def _anomalies(self, node: int) -> frozenset[int]:
        return self._kept[node].anomalies if node in self._kept else frozenset()


def contributions_by_metric(model: Model, rows: Array, has_past: Mask) -> Array:
    """Support of each metric for each anomaly, shape (S, L, M): the sum of the positive SHAP values of its columns."""
    values = np.maximum(model.classifiers.contributions(rows, has_past), 0)
    by_column = values.reshape(*values.shape[:2], -1, len(model.features.metrics), len(COLUMNS))
    result: Array = by_column.sum(axis=(2, 4), dtype=np.float32)
    return result
