"""Simpler ways to the same end, to be measured beside: all see raw windows, flattened, as the paper's model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import graph, ranking
from distdiag_core.diagnosis.detection.influence import influence
from distdiag_core.diagnosis.evaluation.baseline_classifiers import LEARNERS
from distdiag_core.diagnosis.evaluation.replay import Track
from distdiag_core.diagnosis.features.feature_spec import Spans, aligned
from distdiag_core.diagnosis.training import dataset_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array

# The paper's 30 seconds each five seconds.
_POINTS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """One way, trained.

    Attributes:
        scores: rows (S, F) to scores (S, L).
        by_graph: whether the ranking weighs nodes by their influence in the graph of correlations.
    """

    metrics: tuple[str, ...]
    anomalies: tuple[str, ...]
    scores: Callable[[Array], Array]
    by_graph: bool


def train(cases: Sequence[Case]) -> Mapping[str, Baseline]:
    """Each way by its name, taught the windows that our own classifiers learn from too."""
    metrics = tuple(dict.fromkeys(metric for case in cases for metric in case.window.metrics))
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    rows, truths = [], []
    for case in cases:
        ends = _ends(case)
        rows.append(_rows(case, metrics, ends).reshape(-1, len(metrics) * _POINTS))
        width = _width(case)
        truths.append(
            np.concatenate([dataset_windows.truth_of(case, end - width, end, anomalies) for end in ends.tolist()])
        )
    everything, truth = np.concatenate(rows), np.concatenate(truths)
    return {each.name: Baseline(metrics, anomalies, each.learn(everything, truth), each.by_graph) for each in LEARNERS}


def follow(baseline: Baseline, case: Case) -> Track:
    """What it says as the case passes by."""
    ends, width = _ends(case), _width(case)
    rows = _rows(case, baseline.metrics, ends)
    scores = baseline.scores(rows.reshape(-1, rows.shape[-1])).reshape(*rows.shape[:2], -1)
    weights = np.ones(scores.shape[:2], dtype=np.float32)
    if baseline.by_graph:
        weights = np.stack([influence(graph.weights(case.window.values[..., end - width : end])) for end in ends])
    return Track(
        case,
        baseline.anomalies,
        case.window.times_s[ends - 1],
        ranking.importance(scores, weights).astype(np.float32),
        scores,
        scores >= 0.5,
        np.array([bool((each >= 0.5).any()) for each in scores]),
        np.ones(len(ends), dtype=np.bool_),
        width * case.period_s,
    )


def _width(case: Case) -> int:
    return min(Spans.of(case.period_s).window, len(case.window))


def _ends(case: Case) -> NDArray[np.intp]:
    width = _width(case)
    return np.arange(width, len(case.window) + 1, max(1, width // 5))


def _rows(case: Case, metrics: tuple[str, ...], ends: NDArray[np.intp]) -> Array:
    """Flattened raw windows, shape (windows, N, M * points)."""
    values, width = aligned(case.window, metrics), _width(case)
    points = np.linspace(0, width - 1, _POINTS).round().astype(np.intp)
    windows = np.stack([values[..., end - width : end][..., points] for end in ends])
    return windows.reshape(*windows.shape[:2], -1)
