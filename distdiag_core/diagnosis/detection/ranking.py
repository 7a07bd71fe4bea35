"""Ranking of root causes: the importance formula, and the types of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact
    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True)
class Evidence:
    """Metric that supports a root cause; `sigma` is its signed distance to the node's past in standard deviations."""

    metric: str
    sigma: float


@dataclass(frozen=True, slots=True)
class RootCause:
    """An anomaly on a node, as a candidate for the root cause.

    Attributes:
        confidence: the classifier's probability, 0 to 1.
        influence: the node's weighted PageRank; the mean over the nodes is 1.
        importance: influence times confidence, by which root causes are ranked.
        onset_s: seconds since the epoch; None while the anomaly is not active.
        evidence: the metrics that support it most, the strongest first.
        impact: what it costs the workload on its node; None while it is not active and where that is unknown.
    """

    rank: int
    node: str
    anomaly: str
    confidence: float
    influence: float
    importance: float
    onset_s: float | None = None
    evidence: tuple[Evidence, ...] = ()
    impact: Impact | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Diagnosis of one tick.

    Attributes:
        anomalous: whether any root cause is active.
        root_causes: ranked, the most important first; also where nothing is anomalous, with low confidence.
        note: what limits the diagnosis, for instance that there is not enough clean past yet; empty where nothing does.
        impact: what the anomaly costs the workload of the cluster; None without one, and where that is unknown.
    """

    time_s: float
    anomalous: bool
    root_causes: tuple[RootCause, ...] = ()
    note: str = ""
    impact: ClusterImpact | None = None


def importance(confidence: Array, influence: Array) -> NDArray[np.float64]:
    """Importance of root causes: influence (..., N) times confidence (..., N, L); shape (..., N, L).

    The only place of this formula (Xiang et al., Journal of Software 36(3), 2025): the live list, the evaluation and
    its baselines all call it.
    """
    return influence[..., None].astype(np.float64) * confidence


def rank(importances: NDArray[np.float64]) -> tuple[tuple[int, int], ...]:
    """Indices (node, anomaly) of importances (N, L), the most important first."""
    order = np.argsort(-importances, axis=None, kind="stable")
    anomalies = importances.shape[1]
    return tuple((int(place) // anomalies, int(place) % anomalies) for place in order)
