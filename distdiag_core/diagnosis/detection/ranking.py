"""The ranked root causes of one tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True)
class Evidence:
    """A metric that speaks for a root cause; `sigma` is how far it left the node's own immediate past, signed."""

    metric: str
    sigma: float


@dataclass(frozen=True, slots=True)
class RootCause:
    """Which node suffers from what.

    Attributes:
        confidence: the classifier's probability, 0 to 1.
        influence: the node's weighted PageRank; the mean over the nodes is 1.
        importance: influence times confidence, which the ranking goes by.
        onset_s: since when, seconds since the epoch; None while it is not known.
        evidence: the metrics that say so most, the strongest first.
    """

    rank: int
    node: str
    anomaly: str
    confidence: float
    influence: float
    importance: float
    onset_s: float | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict on one tick.

    Attributes:
        anomalous: whether anything is wrong at all.
        root_causes: ranked, the likeliest first; also where nothing is anomalous, with low confidence.
        note: why it can say little, for instance that there is not enough clean past yet; empty where all is well.
    """

    time_s: float
    anomalous: bool
    root_causes: tuple[RootCause, ...] = ()
    note: str = ""


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
