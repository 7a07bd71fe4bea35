"""The paper's own recipe, to be measured beside: the raw window flattened, and XGBoost as it comes, one per anomaly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis import graph, samples
from distdiag_core.diagnosis.influence import influence
from distdiag_core.diagnosis.recipe import Spans, aligned
from distdiag_core.diagnosis.track import Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from xgboost import Booster

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.metrics.frame import Array

NAME = "raw window flattened, XGBoost (Xiang et al. 2025)"

# The paper's 30 seconds each five seconds.
_POINTS = 6
_PARAMETERS = {"objective": "binary:logistic", "tree_method": "hist", "seed": 1, "nthread": 1}
_ROUNDS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Trained like the paper's model."""

    metrics: tuple[str, ...]
    boosters: Mapping[str, Booster]


def train(cases: Sequence[Case]) -> Baseline:
    """Learn from the windows that our own classifiers learn from too."""
    import xgboost

    metrics = tuple(dict.fromkeys(metric for case in cases for metric in case.window.metrics))
    anomalies = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    rows, truths = [], []
    for case in cases:
        ends = _ends(case)
        rows.append(_rows(case, metrics, ends).reshape(-1, len(metrics) * _POINTS))
        width = _width(case)
        truths.append(np.concatenate([samples.truth_of(case, end - width, end, anomalies) for end in ends.tolist()]))
    everything, truth = np.concatenate(rows), np.concatenate(truths)
    boosters = {}
    for column, anomaly in enumerate(anomalies):
        known = truth[:, column] != samples.UNKNOWN
        data = xgboost.DMatrix(everything[known], label=truth[known, column] == samples.TRUE)
        boosters[anomaly] = xgboost.train(_PARAMETERS, data, _ROUNDS)
    return Baseline(metrics, boosters)


def follow(baseline: Baseline, case: Case) -> Track:
    """What it says as the case passes by."""
    ends, width = _ends(case), _width(case)
    rows = _rows(case, baseline.metrics, ends)
    flat = rows.reshape(-1, rows.shape[-1])
    scores = np.stack([booster.inplace_predict(flat) for booster in baseline.boosters.values()], axis=-1)
    scores = scores.reshape(len(ends), len(case.window.nodes), -1)
    weights = np.stack([influence(graph.weights(case.window.values[..., end - width : end])) for end in ends])
    return Track(
        case,
        tuple(baseline.boosters),
        case.window.times_s[ends - 1],
        (scores * weights[..., None]).astype(np.float32),
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
