"""Baselines: simpler methods on flattened raw windows, the paper's own among them, evaluated on the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import graph, ranking
from distdiag_core.diagnosis.detection.influence import influence
from distdiag_core.diagnosis.evaluation.baseline_classifiers import METHODS, BaselineMethod
from distdiag_core.diagnosis.evaluation.replay import Replay
from distdiag_core.diagnosis.features.baseline_window import WindowLengths
from distdiag_core.diagnosis.features.feature_spec import select_metrics
from distdiag_core.diagnosis.training.window_labels import window_truth
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array

# As in the paper: 30 seconds, sampled each five seconds.
_POINTS = 6
_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Trained baseline.

    Attributes:
        scores: rows (S, F) to scores (S, L).
        by_graph: whether nodes are weighted by their influence in the compound anomaly graph.
    """

    metrics: tuple[str, ...]
    anomalies: tuple[str, ...]
    scores: Callable[[Array], Array]
    by_graph: bool


def chosen_methods(names: Sequence[str]) -> tuple[BaselineMethod, ...]:
    """Methods by the words `all` and `none`, or parts of their names.

    Raises:
        ConfigError: no method has such a name.
    """
    if "none" in names:
        return ()
    for name in names:
        if name != "all" and not any(name.lower() in each.name.lower() for each in METHODS):
            raise ConfigError(
                f"there is no baseline {quoted(name)}", hint=f"all, none, {', '.join(each.name for each in METHODS)}"
            )
    return tuple(each for each in METHODS if any(name == "all" or name.lower() in each.name.lower() for name in names))


def train_baselines(cases: Sequence[Case], methods: Sequence[BaselineMethod] = METHODS) -> Mapping[str, Baseline]:
    """Baselines by name, trained on the same windows as a model."""
    if not methods:
        return {}
    metrics = tuple(dict.fromkeys(metric for case in cases for metric in case.window.metrics))
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    rows, truths = [], []
    for case in cases:
        ends, width = _ends(case), _width(case)
        rows.append(_rows(case, metrics, ends).reshape(-1, len(metrics) * _POINTS))
        truths.append(np.concatenate([window_truth(case, end - width, end, anomalies) for end in ends.tolist()]))
    all_rows, truth = np.concatenate(rows), np.concatenate(truths)
    return {each.name: Baseline(metrics, anomalies, each.train(all_rows, truth), each.by_graph) for each in methods}


def replay_baseline(baseline: Baseline, case: Case) -> Replay:
    """Replay of a case through a baseline, at the ends of its windows."""
    ends, width = _ends(case), _width(case)
    rows = _rows(case, baseline.metrics, ends)
    scores = baseline.scores(rows.reshape(-1, rows.shape[-1])).reshape(*rows.shape[:2], -1)
    weights = np.ones(scores.shape[:2], dtype=np.float32)
    if baseline.by_graph:
        weights = np.stack([influence(graph.weights(case.window.values[..., end - width : end])) for end in ends])
    over = scores >= _THRESHOLD
    return Replay(
        case,
        baseline.anomalies,
        case.window.times_s[ends - 1],
        ranking.importance(scores, weights).astype(np.float32),
        scores,
        over,
        np.array([bool(each.any()) for each in over]),
        np.ones(len(ends), dtype=np.bool_),
        width * case.period_s,
    )


def _width(case: Case) -> int:
    return min(WindowLengths.of(case.period_s).window, len(case.window))


def _ends(case: Case) -> NDArray[np.intp]:
    width = _width(case)
    return np.arange(width, len(case.window) + 1, max(1, width // 5))


def _rows(case: Case, metrics: tuple[str, ...], ends: NDArray[np.intp]) -> Array:
    """Flattened raw windows, shape (windows, N, M * points)."""
    values, width = select_metrics(case.window, metrics), _width(case)
    points = np.linspace(0, width - 1, _POINTS).round().astype(np.intp)
    windows = np.stack([values[..., end - width : end][..., points] for end in ends])
    return windows.reshape(*windows.shape[:2], -1)
