"""Ranking of root causes: the importance formula, and the types of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.graph import AnomalyGraph
    from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact
    from distdiag_core.metrics.frame import Array

# An alternative with this share of the confidence is as good.
_CLOSE_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Evidence:
    """Metric that supports a root cause.

    Attributes:
        sigma: signed distance of `now` to the node's past in robust standard deviations; NaN without a past.
        before: median of the node's clean past, in the unit of the metric; None without one.
        now: median of the newest half of the window, in the same unit; None where the values are missing.
        peers: median of what the other nodes have now; None where none has any.
        contribution: to the log-odds of the anomaly (its positive SHAP values); None where only movement was looked at.
        onset_s: the first tick at which the metric had left its past, seconds since the epoch; None while the root
            cause is not active, and where it has not.
    """

    metric: str
    sigma: float
    before: float | None = None
    now: float | None = None
    peers: float | None = None
    contribution: float | None = None
    onset_s: float | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another anomaly that a root cause may be in truth.

    Attributes:
        active: whether it is a root cause of its own at the same time.
        distinguishing_metrics: the metrics whose contributions to the two differ most, the largest difference first.
    """

    anomaly: str
    confidence: float
    active: bool = False
    distinguishing_metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootCause:
    """An anomaly on a node, as a candidate for the root cause.

    Attributes:
        anomaly: a name of the catalogue; `unknown` for none of the known kinds, found without training.
        confidence: the classifier's probability, 0 to 1; of an unknown one the score of the detection.
        influence: the node's weighted PageRank; the mean over the nodes is 1.
        importance: influence times confidence, by which root causes are ranked.
        onset_s: seconds since the epoch; None while the anomaly is not active.
        evidence: the metrics that support it most, the strongest first.
        impact: what it costs the workload on its node; None while it is not active and where that is unknown.
        alternative: the strongest other anomaly on the same node; None where no other is likely at all.
        reason: the states of the connections that tell it; empty where figures do.
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
    alternative: Alternative | None = None
    reason: str = ""

    @property
    def ambiguous(self) -> bool:
        """Whether it looks as much like its alternative as like itself."""
        other = self.alternative
        return other is not None and other.confidence >= _CLOSE_SHARE * self.confidence

    @property
    def by_onset(self) -> tuple[Evidence, ...]:
        """The evidence that has an onset, the earliest first; of one tick the one that contributes most."""
        known = [each for each in self.evidence if each.onset_s is not None]
        return tuple(sorted(known, key=lambda each: (each.onset_s or 0.0, -(each.contribution or 0.0))))


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Diagnosis of one tick.

    Attributes:
        anomalous: whether any root cause is active.
        root_causes: ranked, the most important first; also where nothing is anomalous, with low confidence.
        note: what limits the diagnosis, for instance that there is not enough clean past yet; empty where nothing does.
        impact: what the anomaly costs the workload of the cluster; None without one, and where that is unknown.
        load_changes: nodes on which a change of load explains what has moved, which is no anomaly.
        graph: the scores of all nodes and the correlations between them; None without a model, and of several ticks.
    """

    time_s: float
    anomalous: bool
    root_causes: tuple[RootCause, ...] = ()
    note: str = ""
    impact: ClusterImpact | None = None
    load_changes: tuple[str, ...] = ()
    graph: AnomalyGraph | None = field(default=None, compare=False, repr=False)


def importance(confidence: Array, influence: Array) -> NDArray[np.float64]:
    """Importance of root causes: influence (..., N) times confidence (..., N, L); shape (..., N, L).

    The only place of this formula (Xiang et al., Journal of Software 36(3), 2025): the live list, the evaluation and
    its baselines all call it.
    """
    return influence[..., None].astype(np.float64) * confidence


def rank(importances: NDArray[np.float64], count: int | None = None) -> tuple[tuple[int, int], ...]:
    """Indices (node, anomaly) of importances (N, L), the most important first; of the first `count`, or of all."""
    order = np.argsort(-importances, axis=None, kind="stable")[:count]
    anomalies = importances.shape[1]
    return tuple((place // anomalies, place % anomalies) for place in order.tolist())
